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
