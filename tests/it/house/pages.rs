//! The pages show the examples as they are: `docs/examples` is what the other tests try.

use std::fs;
use std::path::Path;

/// The fenced blocks of a page that are in one of the languages of the examples.
fn blocks(page: &str) -> Vec<String> {
    let fenced = page.split("\n```").skip(1).step_by(2);
    let language = |block: &&str| ["yaml\n", "dockerfile\n"].iter().any(|language| block.starts_with(language));
    fenced
        .filter(language)
        .map(|block| block.split_once('\n').expect("it has a first line").1.to_owned() + "\n")
        .collect()
}

#[test]
fn what_a_page_shows_of_an_example_is_in_it() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    for (page, shown) in [
        ("containers.md", &["compose.yaml", "kubernetes.yaml", "kubernetes.yaml"][..]),
        ("ci.md", &["github-actions.yml", "gitlab-ci.yml"]),
        ("gleam.md", &["gleam.Dockerfile"]),
    ] {
        let page = fs::read_to_string(docs.join(page)).unwrap_or_else(|error| panic!("{page}: {error}"));
        let blocks = blocks(&page);
        assert_eq!(blocks.len(), shown.len(), "{blocks:?}");
        for (block, name) in blocks.iter().zip(shown) {
            let example = fs::read_to_string(docs.join("examples").join(name)).expect("the example is there");
            assert!(example.contains(block.as_str()), "examples/{name} has no\n{block}");
            assert!(page.contains(&format!("(examples/{name})")), "the page links to examples/{name}");
        }
    }
}
