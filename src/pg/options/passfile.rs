//! The password file: passwords by host, port, database and role.
//!
//! The rules are those of libpq's `passwordFromFile`: the first line whose four fields match or are `*` counts, a
//! backslash takes the next character literally, and the password ends at the line's end or at a `:`.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::address::{DEFAULT_SOCKET_FOLDERS, Endpoint, Host};
use super::origin::{Line, Origin};
use super::secret::Secret;

/// The lines of a password file that was there and that nobody else can read.
#[derive(Debug, Clone)]
pub(super) struct Passfile {
    file: Arc<Path>,
    lines: Vec<Secret>,
}

impl Passfile {
    /// Reads the file; one that is not there holds nothing, and one that others may read is not used.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, String> {
        let Ok(metadata) = fs::metadata(path) else { return Ok(None) };
        let file = path.display();
        if !metadata.is_file() {
            return Err(format!("password file {file} is not used: it is not a plain file"));
        }
        if std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077 != 0 {
            return Err(format!(
                "password file {file} is not used: it has group or world access; run: chmod 600 {file}"
            ));
        }
        Ok(fs::read(path).ok().map(|bytes| Self::of(path, &bytes)))
    }

    /// Takes the lines of a file.
    pub(super) fn of(path: &Path, bytes: &[u8]) -> Self {
        let lines = bytes.split(|byte| *byte == b'\n').map(|line| Secret::new(String::from_utf8_lossy(line)));
        Self { file: Arc::from(path), lines: lines.collect() }
    }

    /// Returns the password for a role in a database of a server, and the line that has it.
    pub(super) fn find(&self, host: &Host, database: &str, role: &str) -> Option<(Secret, Origin)> {
        let (name, port) = (name(host), host.port.to_string());
        let fields = [name.as_str(), &port, database, role];
        let mut lines = self.lines.iter().zip(1..);
        lines.find_map(|(line, number)| {
            let line = line.expose().trim_end_matches('\r');
            let password = fields.iter().try_fold(line, |rest, field| after_match(rest, field));
            let password = password.filter(|_| !line.starts_with('#'))?;
            Some((unescaped(password), Origin::Passfile(Line { file: Arc::clone(&self.file), number })))
        })
    }
}

/// What a line calls the server: a socket in the folder that psql looks into by itself is `localhost`.
fn name(host: &Host) -> String {
    match &host.endpoint {
        Endpoint::Socket(folder) if DEFAULT_SOCKET_FOLDERS.contains(&folder.as_str()) => "localhost".to_owned(),
        Endpoint::Socket(name) | Endpoint::Name(name) | Endpoint::Ip { name: Some(name), .. } => name.clone(),
        Endpoint::Ip { ip, name: None } => ip.to_string(),
    }
}

/// Returns what follows the first field and its `:`, when that field is `*` or, without its backslashes, `wanted`.
fn after_match<'a>(line: &'a str, wanted: &str) -> Option<&'a str> {
    if let Some(rest) = line.strip_prefix("*:") {
        return Some(rest);
    }
    let (mut line, mut wanted) = (line.chars(), wanted.chars());
    loop {
        match (line.next()?, wanted.next()) {
            (':', None) => return Some(line.as_str()),
            ('\\', Some(wanted)) if line.next()? == wanted => {}
            (found, Some(wanted)) if found != '\\' && found == wanted => {}
            _ => return None,
        }
    }
}

fn unescaped(raw: &str) -> Secret {
    let mut password = String::new();
    let mut chars = raw.chars();
    while let Some(next) = chars.next().filter(|next| *next != ':') {
        password.push(if next == '\\' { chars.next().unwrap_or(next) } else { next });
    }
    Secret::new(password)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, endpoint: Endpoint) -> Option<(String, usize)> {
        let passfile = Passfile::of(Path::new("/p"), text.as_bytes());
        let (password, origin) = passfile.find(&Host { endpoint, port: 5432 }, "shop", "a:b")?;
        let Origin::Passfile(line) = origin else { panic!("{origin}") };
        Some((password.expose().to_owned(), line.number))
    }

    #[test]
    fn lines_match_as_in_libpq() {
        for (text, expected) in [
            ("", None),
            (r"db:5432:shop:a\:b:pw", Some(("pw", 1))),
            (r"\d\b:5432:shop:a\:b:pw", Some(("pw", 1))),
            ("*:*:*:*:pw", Some(("pw", 1))),
            ("# no\n\n#:*:*:*:x\n*:*:*:*:pw\r\n*:*:*:*:other", Some(("pw", 4))),
            ("db:5433:*:*:x\ndb:5432:*:*:pw", Some(("pw", 2))),
            // libpq, too, takes a ":" for the one that is looked for before it takes it for an end.
            ("db:5432:shop:a:b:pw", Some(("pw", 1))),
            ("db:5432:sho:*:x\ndb:5432:shopping:*:x", None),
            ("d*:*:*:*:x\nDB:*:*:*:x", None),
            ("*:*:*:*", None),
            ("*:*:*:*:", Some(("", 1))),
            (r"*:*:*:*:a\:b\\c:comment", Some((r"a:b\c", 1))),
            (r"*:*:*:*:a\", Some((r"a\", 1))),
            (" *:*:*:*:x", None),
        ] {
            let found = found(text, Endpoint::Name("db".to_owned()));
            assert_eq!(found.as_ref().map(|(password, line)| (password.as_str(), *line)), expected, "{text}");
        }
    }

    #[test]
    fn each_kind_of_server_has_its_name() {
        let socket = |folder: &str| Endpoint::Socket(folder.to_owned());
        let ip = |name: Option<&str>| Endpoint::Ip { ip: [10, 0, 0, 1].into(), name: name.map(str::to_owned) };
        for (endpoint, name) in [
            (socket("/var/run/postgresql"), "localhost"),
            (socket("/tmp"), "localhost"),
            (socket("/run/pg"), "/run/pg"),
            (Endpoint::Name("localhost".to_owned()), "localhost"),
            (ip(None), "10.0.0.1"),
            (ip(Some("db")), "db"),
        ] {
            let line = format!("wrong:*:*:*:x\n{name}:*:*:*:pw");
            assert_eq!(found(&line, endpoint), Some(("pw".to_owned(), 2)), "{name}");
        }
    }
}
