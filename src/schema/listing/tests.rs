use super::*;

/// A table with an index, as the server answers it.
fn rows(name: &str, definition: Option<&str>, parent: Option<&str>) -> Rows {
    let mut rows = Rows::default();
    let mut answer = |columns: &str, values: &[Option<&str>]| {
        rows.begin(columns.split(' ').map(str::to_owned).collect());
        rows.push(values.iter().map(|value| value.map(str::to_owned)).collect());
    };
    let columns = "class_of_dependent dependent dependency parent";
    answer(columns, &[Some(RELATION), Some("7"), Some("n"), parent]);
    answer("relation name kind persistence", &[Some("7"), Some("a"), Some("r"), Some("p")]);
    let columns = "index_of id name is_valid is_ready is_deparsed definition";
    answer(columns, &[Some("7"), Some("8"), Some(name), Some("t"), Some("t"), Some("t"), definition]);
    rows
}

#[test]
fn what_is_there_is_listed() {
    let catalog = read(&rows("pevensie.\"1i\"", Some("on a"), Some("public.p"))).unwrap();
    let listed: Vec<String> = catalog.objects().map(|(object, definition)| format!("{object}: {definition}")).collect();
    assert_eq!(listed, ["index pevensie.a.\"1i\": on a", "table pevensie.a: logged inherits public.p"]);
}

#[test]
fn what_was_dropped_meanwhile_is_no_listing() {
    for (name, definition, parent) in
        [("pevensie.i", None, None), ("8", Some("on a"), None), ("pevensie.i", Some("on a"), Some("9"))]
    {
        let dropped = read(&rows(name, definition, parent));
        assert!(matches!(dropped, Err(ListingError::Dropped)), "{name} {definition:?} {parent:?}");
    }
}

/// What a server answers: for each statement the names of its columns, and rows of values, of which `~` is NULL.
fn answers(text: &str) -> Rows {
    let mut rows = Rows::default();
    for answer in text.split("\n\n") {
        let mut lines = answer.trim().lines().map(|line| line.trim().split('|').map(str::to_owned).collect::<Vec<_>>());
        rows.begin(lines.next().unwrap());
        lines.for_each(|line| rows.push(line.into_iter().map(|value| (value != "~").then_some(value)).collect()));
    }
    rows
}

fn listed(text: &str) -> Vec<String> {
    let catalog = read(&answers(text)).unwrap();
    catalog.objects().map(|(object, definition)| format!("{object}: {definition}").trim_end().to_owned()).collect()
}

const RELATIONS: &str = "
    namespace
    5

    class_of_dependent|dependent|dependency|parent
    1259|10|e|~
    1247|80|e|~
    1255|90|e|~
    1259|12|a|~
    1259|15|i|~
    1255|13|a|~
    1259|13|n|~
    1259|7|n|public.p2
    1259|7|n|public.p1

    relation|name|kind|persistence|partition_key|is_partition|has_row_security|forces_row_security|query
    7|a|r|p|~|f|f|f|~
    8|v|v|p|~|f|f|f|select 1
    9|m|m|p|~|f|f|f|~
    10|of_an_extension|r|p|~|f|f|f|~
    11|u|p|u|RANGE (a)|t|t|t|~
    12|of_a_column|S|p|~|f|f|f|~
    13|s|S|t|~|f|f|f|~
    14|f|f|p|~|f|f|f|~
    15|of_an_identity|S|p|~|f|f|f|~";

#[test]
fn relations_are_listed_that_nothing_else_owns() {
    assert_eq!(
        listed(RELATIONS),
        [
            "foreign table pevensie.f: logged",
            "materialized view pevensie.m: logged",
            "schema pevensie:",
            "sequence pevensie.s: temporary",
            "table pevensie.a: logged inherits public.p1,public.p2",
            "table pevensie.u: unlogged partitioned by RANGE (a) partition row-security force-row-security",
            "view pevensie.v: logged as select 1",
        ]
    );
}

#[test]
fn parts_are_listed_with_their_tables() {
    let text = "
        relation|name|kind|persistence
        7|a|r|p

        column_of|number|name|type|collation|is_not_null|identity|generated
        7|1|id|uuid|~|t|~|~
        7|2|c|text|\"C\"|f|~|~
        7|3|always|int4|~|t|a|~
        7|4|by_default|int4|~|t|d|~
        7|5|stored|int4|~|f|~|s
        7|6|virtual|int4|~|f|~|v
        7|7|unsure|int4|~|t|~|~
        99|1|of_nothing|int4|~|t|~|~

        default_of|number|expression
        7|1|x()
        7|5|(a + 1)
        7|6|(a + 2)

        constraint_of|number|kind|name|id|index|is_validated|definition
        7|~|p|a_pkey|20|30|t|PRIMARY KEY (id)
        7|~|u|a_c|21|31|t|UNIQUE (c)
        7|~|x|a_x|22|32|t|EXCLUDE x
        7|~|f|a_fk|23|33|t|FOREIGN KEY x
        7|7|n|a_not_null|24|0|f|~
        7|1|n|a_id_not_null|25|0|t|~
        7|~|t|a_trigger|26|0|t|~

        index_of|id|name|is_valid|is_ready|is_deparsed|definition
        7|30|pevensie.a_pkey|t|t|f|~
        7|31|pevensie.a_c|t|t|f|~
        7|32|pevensie.a_x|t|t|f|~
        7|33|pevensie.i|t|t|t|on i
        7|34|pevensie.j|f|t|t|on j
        7|35|pevensie.k|t|f|t|on k

        trigger_of|name|is_internal|constraint|enabled|definition
        7|t|f|0|O|when t
        7|d|f|0|D|when d
        7|internal|t|23|D|~

        rule_of|name|definition
        7|r|do nothing

        policy_of|name|command|condition|check_of_policy|is_permissive
        7|p|select|a|~|t
        7|q|insert|~|b|f";
    assert_eq!(
        listed(text),
        [
            "column pevensie.a.always: int4 not null generated always as identity",
            "column pevensie.a.by_default: int4 not null generated by default as identity",
            "column pevensie.a.c: text collate \"C\" null",
            "column pevensie.a.id: uuid not null default x()",
            "column pevensie.a.stored: int4 null generated stored (a + 1)",
            "column pevensie.a.unsure: int4 not null not valid",
            "column pevensie.a.virtual: int4 null generated virtual (a + 2)",
            "constraint pevensie.a.a_c: UNIQUE (c)",
            "constraint pevensie.a.a_fk: FOREIGN KEY x /* triggers disabled */",
            "constraint pevensie.a.a_pkey: PRIMARY KEY (id)",
            "constraint pevensie.a.a_x: EXCLUDE x",
            "index pevensie.a.i: on i",
            "index pevensie.a.j: on j /* invalid */",
            "index pevensie.a.k: on k /* not ready */",
            "policy pevensie.a.p: permissive for select using (a)",
            "policy pevensie.a.q: restrictive for insert with check (b)",
            "rule pevensie.a.r: do nothing",
            "table pevensie.a: logged",
            "trigger pevensie.a.d: when d /* enabled=D */",
            "trigger pevensie.a.t: when t",
        ]
    );
}

#[test]
fn types_and_functions_are_listed_unless_they_are_of_an_extension() {
    let text = "
        class_of_dependent|dependent|dependency|parent
        1247|80|e|~
        1255|90|e|~
        3600|70|e|~

        type_id|name|kind|base|is_not_null|default|relation_of_type
        80|of_an_extension|e|~|f|~|0
        81|e|e|~|f|~|0
        82|d|d|text|t|'x'|0
        83|c|c|~|f|~|40
        84|r|r|~|f|~|0
        85|m|m|~|f|~|0
        86|b|b|~|f|~|0

        label_of|position|label
        81|2|z
        81|1.5|a

        of_domain|name|kind|definition
        82|z|c|CHECK z
        82|a|c|CHECK a
        82|n|n|NOT NULL

        column_of|number|name|type|collation|is_not_null|identity|generated
        40|10|last|text|~|f|~|~
        40|2|first|int4|~|f|~|~

        language|name
        13|sql
        14|plpgsql

        function|name|kind|arguments|is_set|returns|language_of|volatility|parallel|is_strict|is_security_definer|is_leakproof|settings|body
        90|of_an_extension|f||f|int4|14|v|u|f|f|f|~|x
        91|f|f|integer|f|int4|14|i|s|t|t|t|search_path=\"\"| abc\t
        92|p|p||f|void|13|s|r|f|f|f|~|abc
        93|a|a|integer|f|int4|99|v|u|f|f|f|~|~
        94|w|w||t|int4|13|v|u|f|f|f|~|ab\rc

        others
        [[\"3600\", \"70\", \"text search\", \"pevensie.x\"], [\"3600\", \"71\", \"text search\", \"pevensie.y\"]]";
    let abc = "sha256 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let every = "immutable parallel safe strict security definer leakproof set search_path=\"\"";
    assert_eq!(
        listed(text),
        [
            "aggregate pevensie.a(integer): returns int4 volatile parallel unsafe".to_owned(),
            "domain pevensie.d: text not null default 'x' CHECK a CHECK z".to_owned(),
            "enum pevensie.e: a, z".to_owned(),
            format!("function pevensie.f(integer): returns int4 language plpgsql {every} {abc}"),
            "multirange pevensie.m:".to_owned(),
            format!("procedure pevensie.p(): returns void language sql stable parallel restricted {abc}"),
            "range pevensie.r:".to_owned(),
            "text search pevensie.y:".to_owned(),
            "type pevensie.b:".to_owned(),
            "type pevensie.c: first int4, last text".to_owned(),
            format!("window function pevensie.w(): returns setof int4 language sql volatile parallel unsafe {abc}"),
        ]
    );
}

#[test]
fn what_has_lost_its_definition_was_dropped() {
    for (text, is_lost) in [
        ("default_of|number|expression\n7|1|~", true),
        ("default_of|number|expression\n7|1|x", false),
        ("constraint_of|kind|definition\n7|c|~", true),
        ("constraint_of|kind|definition\n7|n|~\n7|t|~", false),
        ("index_of|name|is_deparsed|definition\n7|pevensie.i|t|~", true),
        ("index_of|name|is_deparsed|definition\n7|pevensie.i|f|~", false),
        ("trigger_of|is_internal|definition\n7|f|~", true),
        ("trigger_of|is_internal|definition\n7|t|~", false),
        ("rule_of|definition\n7|~", true),
    ] {
        assert_eq!(matches!(read(&answers(text)), Err(ListingError::Dropped)), is_lost, "{text}");
    }
}
