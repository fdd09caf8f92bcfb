//! A password never shows, wherever it stands in a command line that cannot be read. What comes of one that can be read is
//! in `faults/secrets.rs`.

use crate::support::pevensie_pg;

#[test]
fn no_password_shows_in_a_malformed_command_line() {
    for line in [
        &["status", "--addr=postgres://app:Zx9Hunter2qJ@[::1/shop"][..],
        &["status", "--addr=postgres://app:Zx9@Hunter2qJ@db/shop"],
        &["status", "--addr=postgres://app:Zx9/Hunter2qJ@db/shop"],
        &["status", "--addr=postgres://app:Zx9#Hunter2qJ@db:x/shop"],
        &["status", "--addr=postgres://app:Zx9%Hunter2qJ@db/shop"],
        &["status", "--addr=postgres://app:Zx9Hunter2qJ"],
        &["status", "--addr=postgres://app@db/shop?password=Zx9&Hunter2qJ=1"],
        &["status", "--addr=mysql://app:Zx9Hunter2qJ@db/shop"],
        &["status", "--addr=app:Zx9Hunter2qJ@db/shop"],
        &["status", "--addr=host=db password=Zx9 Hunter2qJ"],
        &["status", "--addr=host=db password='Zx9Hunter2qJ"],
        &["status", "--addr=host=db password=Zx9 Hunter2qJ=1 user=app"],
        &["status", "--addr=host=db pasword=Zx9Hunter2qJ"],
        &["status", "--adr=postgres://app:Zx9Hunter2qJ@db/shop"],
        &["status", "--url", "postgres://app:Zx9Hunter2qJ@db/shop"],
        &["status", "postgres://app:Zx9Hunter2qJ@db/shop"],
        &["migrate", "auth", "postgres://app:Zx9Hunter2qJ@db/shop"],
        &["migrate", "postgres://app:Zx9Hunter2qJ@db/shop", "auth"],
        &["rollback", "host=db password=Zx9Hunter2qJ"],
        &["postgres://app:Zx9Hunter2qJ@db/shop"],
    ] {
        for more in [&[][..], &["-v"], &["--json"]] {
            let output = pevensie_pg(&[line, more].concat()).run();
            assert_eq!(output.code, 2, "{}", output.snapshot());
            for stream in [&output.stdout, &output.stderr] {
                assert!(!stream.contains("Hunter"), "it shows in\n{}", output.snapshot());
            }
        }
    }
}
