//! The connection service file: named sets of settings.
//!
//! The rules are those of libpq's `parseServiceFile`: white space around a line and lines that begin with `#` are
//! nothing, everything behind `=` is the value, the first section of the name counts, and in it the first value.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::OptionsError;
use super::given::Pair;
use super::keyword::{self, Keyword, Known};
use super::origin::{Line, Origin};
use super::secret::Secret;

/// Where the packages of Debian and of Red Hat, and PostgreSQL's own build, look for the file of all users. psql knows
/// the one it was built with.
const SYSTEM_FOLDERS: [&str; 3] = ["/etc/postgresql-common", "/etc/sysconfig/pgsql", "/usr/local/pgsql/etc"];

/// Looks a service up, in the file of the user and then in that of the system.
pub(super) fn pairs(
    name: &str,
    file: Option<&str>,
    set: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<(Pair, Origin)>, OptionsError> {
    let mut looked_at = Vec::new();
    let home = set("HOME").map(|home| Path::new(&home).join(".pg_service.conf"));
    let system = set("PGSYSCONFDIR")
        .map_or_else(|| SYSTEM_FOLDERS.map(PathBuf::from).to_vec(), |folder| vec![PathBuf::from(folder)]);
    let of_system = system.into_iter().map(|folder| folder.join("pg_service.conf"));
    // A file that was named has to be there; those that are looked for need not.
    let of_user = file.map(PathBuf::from).or(home.filter(|path| path.exists()));
    for path in of_user.into_iter().chain(of_system.filter(|path| path.exists())) {
        let text = fs::read_to_string(&path)
            .map_err(|error| OptionsError::ServiceFile { file: path.clone(), cause: error.to_string() })?;
        if let Some(found) = section(&text, name, &Arc::from(path.as_path()))? {
            return Ok(found);
        }
        looked_at.push(path);
    }
    Err(OptionsError::NoService { name: name.to_owned(), looked_at })
}

/// Returns the settings of the first section of that name, if there is one.
pub(super) fn section(text: &str, name: &str, file: &Arc<Path>) -> Result<Option<Vec<(Pair, Origin)>>, OptionsError> {
    let lines =
        text.lines().enumerate().map(|(at, line)| (at + 1, line.trim_matches(|c: char| c.is_ascii_whitespace())));
    let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let mut inside = lines.skip_while(|(_, line)| !is_head(line, name)).peekable();
    if inside.next().is_none() {
        return Ok(None);
    }
    let mut found: Vec<(Pair, Origin)> = Vec::new();
    for (number, line) in inside.take_while(|(_, line)| !line.starts_with('[')) {
        let origin = Origin::Service(Line { file: Arc::clone(file), number });
        if line.starts_with("ldap") {
            return Err(OptionsError::ServiceLdap(origin));
        }
        // The word is not shown: it may belong to a password of two lines.
        let (word, value) = line.split_once('=').ok_or_else(|| OptionsError::ServiceLine(origin.clone()))?;
        let known = keyword::find(word).ok_or_else(|| OptionsError::ServiceLine(origin.clone()))?;
        if matches!(known, Known::Acted(Keyword::Service | Keyword::Servicefile)) {
            return Err(OptionsError::ServiceNested(origin));
        }
        if found.iter().all(|(pair, _)| pair.known != known) {
            found.push((Pair { known, value: Secret::new(value) }, origin));
        }
    }
    Ok(Some(found))
}

/// libpq does not mind what stands behind the bracket.
fn is_head(line: &str, name: &str) -> bool {
    line.strip_prefix('[').and_then(|line| line.strip_prefix(name)).is_some_and(|rest| rest.starts_with(']'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<String>, OptionsError> {
        let found = section(text, "shop", &Arc::from(Path::new("/f")))?;
        let shown = |(pair, origin): &(Pair, Origin)| {
            let Origin::Service(line) = origin else { panic!("{origin}") };
            format!("{}={}@{}", pair.known.name(), pair.value.expose(), line.number)
        };
        Ok(found.map(|found| found.iter().map(shown).collect::<Vec<_>>().join("|")))
    }

    #[test]
    fn sections_are_read_as_libpq_reads_them() {
        for (text, expected) in [
            ("", None),
            ("[shops]\nhost=a", None),
            ("[shop]", Some("")),
            ("# [shop]\n[other]\nnonsense\n[shop]\nhost=a", Some("host=a@5")),
            ("[shop]\n\n  # no\n  host=a  \r\n\tport=1", Some("host=a@4|port=1@5")),
            ("[shop] # ours\nhost=a\n[shop]\nport=1", Some("host=a@2")),
            ("[shop]\nhost=a\nhost=b", Some("host=a@2")),
            ("[shop]\npassword= a=b # 'c", Some("password= a=b # 'c@2")),
            ("[shop]\nhost=", Some("host=@2")),
            ("[shop]\nkrbsrvname=x", Some("krbsrvname=x@2")),
        ] {
            assert_eq!(read(text).unwrap().as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn mistakes_are_named_with_their_line_and_without_their_text() {
        let line = "service file /f, line 2 is not a keyword of libpq, \"=\" and a value";
        for (text, expected) in [
            ("[shop]\nhost", line),
            ("[shop]\npassword = s3cret", line),
            ("[shop]\ns3cret=1", line),
            ("[shop]\nservice=other", "service file /f, line 2 names another service, which libpq does not follow"),
            ("[shop]\nldap://h/x", "service file /f, line 2 asks an LDAP server, which is not supported"),
        ] {
            assert_eq!(read(text).unwrap_err().to_string(), expected, "{text}");
        }
    }
}
