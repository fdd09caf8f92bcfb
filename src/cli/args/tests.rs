//! What the arguments accept.

use super::*;

#[test]
fn modules_may_carry_a_version() {
    let newest = "20241222140532".parse().unwrap();
    for (text, version) in
        [("auth", None), ("auth@0", Some(VersionArg(None))), ("auth@20241222140532", Some(VersionArg(Some(newest))))]
    {
        assert_eq!(module_at_version(text), Ok(ModuleArg { module: Module::Auth, version }));
    }
    for (text, message) in [
        ("auht@0", r#"there is no module "auht"; did you mean "auth"?"#),
        (
            "auth@",
            r#""" is not a version; a version is a 14-digit UTC stamp such as 20241222140532, or 0 for "nothing installed""#,
        ),
    ] {
        assert_eq!(module_at_version(text), Err(message.to_owned()));
    }
    assert_eq!(module("auth@0"), Err(r#"no version belongs here; say just "auth""#.to_owned()));
}

#[test]
fn an_address_in_the_place_of_a_module_is_not_shown() {
    for text in ["postgres://u:s3cret@h/d", "u:s3cret@h/d", "host=h password = s3cret", "user=s3cret"] {
        for message in [module(text).unwrap_err(), module_at_version(text).unwrap_err()] {
            assert_eq!(message, "this is no module; an address goes behind --addr", "{text}");
        }
    }
    for (text, may) in [
        ("u:s3cret@h/d", true),
        ("host=h password = s3cret", true),
        ("auth@20241222140532", false),
        ("auth@x:y", false),
        ("--lock-wait=5s", false),
    ] {
        assert_eq!(may_hold_a_password(text), may, "{text}");
    }
}

#[test]
fn the_colours_of_help_are_those_that_were_asked_for() {
    for (line, expected) in [
        ("pevensie-pg --help", Color::Auto),
        ("pevensie-pg --color=never --help", Color::Never),
        ("pevensie-pg status --color always --help", Color::Always),
        ("pevensie-pg --color=never --color=always", Color::Always),
        ("pevensie-pg --color=often", Color::Auto),
        ("pevensie-pg -- --color=never", Color::Auto),
        ("pevensie-pg --colors never", Color::Auto),
        ("pevensie-pg --color", Color::Auto),
    ] {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        assert_eq!(color_wanted(&words), expected, "{line}");
    }
}

#[test]
fn the_defaults_are_those_of_the_library() {
    #[derive(clap::Parser)]
    struct All {
        #[command(flatten)]
        lock: LockArgs,
        #[command(flatten)]
        connection: ConnectionArgs,
    }
    let All { lock, connection } = clap::Parser::parse_from([""]);
    assert_eq!(lock.limits(&connection), Limits::default());
}

#[test]
fn durations_have_units_and_bounds() {
    assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
    assert_eq!(duration("2min"), Ok(Duration::from_secs(120)));
    assert_eq!(duration("0"), Ok(Duration::ZERO));
    for text in ["", "5", "-5s", "5 parsecs", "25days", "5us"] {
        assert!(duration(text).is_err(), "{text}");
    }
}
