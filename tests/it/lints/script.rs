//! A script as syntax trees: its own, one for each body of a function or a `do`, and one for each piece of dynamic SQL.

use std::ops::Range;

use squawk_syntax::ast::{self, AstNode};
use squawk_syntax::syntax_error::SyntaxError;
use squawk_syntax::{SourceFile, SyntaxElement, SyntaxKind, SyntaxNode, SyntaxToken};

/// A line and what is wrong there.
pub(super) type Finding = (usize, String);

pub(super) struct Script {
    /// As long as the script that was read, so that places in one are places in the other.
    sql: String,
    pub(super) trees: Vec<Tree>,
    /// What could not be read.
    pub(super) unread: Vec<Finding>,
}

pub(super) struct Tree {
    pub(super) root: SyntaxNode,
    /// Where in the script its text begins.
    start: usize,
}

impl Script {
    pub(super) fn read(sql: &str) -> Self {
        let sql = without_into(sql);
        let mut script = Self { sql: sql.clone(), trees: Vec::new(), unread: Vec::new() };
        script.add(&sql, 0);
        script
    }

    /// Every node of one of these kinds.
    pub(super) fn nodes(&self, kinds: &[SyntaxKind]) -> impl Iterator<Item = (&Tree, SyntaxNode)> {
        let nodes = self.trees.iter().flat_map(|tree| tree.root.descendants().map(move |node| (tree, node)));
        nodes.filter(move |(_, node)| kinds.contains(&node.kind()))
    }

    pub(super) fn finding(&self, tree: &Tree, node: &SyntaxNode, words: impl Into<String>) -> Finding {
        (self.line(tree.place(node.text_range().start().into())), words.into())
    }

    fn line(&self, place: usize) -> usize {
        1 + self.sql[..place].matches('\n').count()
    }

    fn add(&mut self, sql: &str, start: usize) {
        let parse = SourceFile::parse(sql);
        self.add_errors(&parse.errors(), start);
        let root = parse.syntax_node();
        for node in root.descendants() {
            let (body, errors) = match body(&node) {
                Body::None => continue,
                Body::Opaque => {
                    let words = format!("{} cannot be looked into", shown(&node));
                    self.unread.push((self.line(start + usize::from(node.text_range().start())), words));
                    continue;
                }
                Body::Read(body, errors) => (body, errors),
            };
            self.add_errors(&errors, start);
            self.add_dynamic_sql(&body.root, start + body.start);
            self.trees.push(Tree { start: start + body.start, ..body });
        }
        self.trees.push(Tree { root, start });
    }

    fn add_errors(&mut self, errors: &[SyntaxError], start: usize) {
        for error in errors {
            let line = self.line(start + usize::from(error.range().start()));
            self.unread.push((line, format!("it does not parse: {}", error.message())));
        }
    }

    /// Dynamic SQL is read where it is a constant between dollars; anything else is said to be unread.
    fn add_dynamic_sql(&mut self, body: &SyntaxNode, start: usize) {
        for node in body.descendants().filter(|node| words(node).any(|word| word.kind() == SyntaxKind::EXECUTE_KW)) {
            let Some(query) = node.children().find(|child| child.kind() == SyntaxKind::PLPGSQL_EXPR) else { continue };
            let tokens = tokens(&query);
            let place = start + usize::from(query.text_range().start());
            match tokens.as_slice() {
                [constant] if constant.kind() == SyntaxKind::DOLLAR_QUOTED_STRING => {
                    let text = constant.text();
                    let tag = 2 + text[1..].find('$').expect("a dollar ends the tag");
                    self.add(&without_into(&text[tag..text.len() - tag]), place + tag);
                }
                _ => self.unread.push((self.line(place), format!("{} cannot be looked into", shown(&query)))),
            }
        }
    }
}

impl Tree {
    /// The place in the script of a place in the text of this tree.
    pub(super) fn place(&self, place: usize) -> usize {
        self.start + place
    }
}

enum Body {
    None,
    Opaque,
    Read(Tree, Vec<SyntaxError>),
}

fn body(node: &SyntaxNode) -> Body {
    let plpgsql = match (ast::Do::cast(node.clone()), ast::CreateFunction::cast(node.clone())) {
        (Some(block), _) => block.plpgsql(),
        (_, Some(function)) => {
            if let Some(body) = function.sql_body() {
                let start = body.source_range(body.syntax().text_range()).start().into();
                return Body::Read(Tree { root: body.syntax(), start }, Vec::new()); // the script has its errors already
            }
            if function.body().is_some() {
                return Body::None; // `begin atomic` and `return` are in the script's own tree
            }
            function.plpgsql()
        }
        _ => return Body::None,
    };
    let Some(body) = plpgsql else { return Body::Opaque };
    let start = body.source_range(body.syntax().text_range()).start().into();
    Body::Read(Tree { root: body.syntax(), start }, body.errors())
}

/// The parser does not know PL/pgSQL's `select … into …`. Without the `into …`, for which there are blanks then, it
/// is a statement like any other.
fn without_into(sql: &str) -> String {
    let mut blanked = sql.to_owned();
    for node in SourceFile::parse(sql).syntax_node().descendants() {
        if let Body::Read(body, _) = body(&node) {
            for error in body.root.descendants().filter(|node| node.kind() == SyntaxKind::ERROR) {
                if let Some(into) = into(&tokens(&error)) {
                    let range = body.place(into.start)..body.place(into.end);
                    blanked.replace_range(range.clone(), &" ".repeat(range.len()));
                }
            }
        }
    }
    blanked
}

/// Where `into [strict] target, …` is in a `select`.
fn into(tokens: &[SyntaxToken]) -> Option<Range<usize>> {
    let kind = |nth: usize| tokens.get(nth).map(SyntaxToken::kind);
    if !matches!(kind(0), Some(SyntaxKind::SELECT_KW | SyntaxKind::WITH_KW)) {
        return None;
    }
    let mut depth = 0;
    let begin = tokens.iter().position(|token| {
        depth += i32::from(token.kind() == SyntaxKind::L_PAREN) - i32::from(token.kind() == SyntaxKind::R_PAREN);
        depth == 0 && token.kind() == SyntaxKind::INTO_KW
    })?;
    let mut last = begin + 1 + usize::from(kind(begin + 1) == Some(SyntaxKind::STRICT_KW));
    while matches!(kind(last + 1), Some(SyntaxKind::COMMA | SyntaxKind::DOT)) {
        last += 2;
    }
    Some(tokens[begin].text_range().start().into()..tokens.get(last)?.text_range().end().into())
}

/// All tokens of a node, without blanks and comments.
pub(super) fn tokens(node: &SyntaxNode) -> Vec<SyntaxToken> {
    let tokens = node.descendants_with_tokens().filter_map(SyntaxElement::into_token);
    tokens.filter(|token| !matches!(token.kind(), SyntaxKind::WHITESPACE | SyntaxKind::COMMENT)).collect()
}

/// The tokens that are a node's own, not those of the nodes in it.
pub(super) fn words(node: &SyntaxNode) -> impl Iterator<Item = SyntaxToken> {
    node.children_with_tokens().filter_map(SyntaxElement::into_token)
}

/// A name without blanks.
pub(super) fn name(node: &SyntaxNode) -> String {
    tokens(node).iter().map(SyntaxToken::text).collect()
}

/// The first node of a kind in a node.
pub(super) fn child(node: &SyntaxNode, kind: SyntaxKind) -> Option<SyntaxNode> {
    node.descendants().find(|node| node.kind() == kind)
}

/// The beginning of a node, for a message.
pub(super) fn shown(node: &SyntaxNode) -> String {
    let words: Vec<_> = tokens(node).iter().take(6).map(|token| token.text().to_owned()).collect();
    let words = words.join(" ");
    format!("`{}`", words.lines().next().unwrap_or_default())
}
