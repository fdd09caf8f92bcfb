//! What a role has in a database, compared with what it needs.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::right::{Object, Privilege, Right, listed};
use super::role::Role;
use super::surroundings::Owner;

/// What `sql/introspect/privileges.sql` finds out about a role.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Grantee {
    /// Whether there is such a role.
    pub exists: bool,
    /// Whether it may do everything.
    pub superuser: bool,
    /// What the schema holds.
    pub objects: Vec<Holding>,
}

/// An object, and what may be done with it: by the role itself, its groups or everybody.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Holding {
    /// The object.
    #[serde(flatten)]
    pub object: Object,
    /// Who owns it.
    pub owner: Owner,
    /// Whether the role is its owner, or a member of it.
    pub owned: bool,
    /// Who may what.
    pub answers: Vec<(Question, Privilege)>,
}

/// What is asked about each privilege for an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// Whether the role has it.
    Held,
    /// Whether the role has it on a column at least.
    OfColumns,
    /// Whether the role may pass it on.
    Grantable,
    /// Whether the session's own role may grant it.
    MayGrant,
}

/// What is not as it should be about the application's role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The role.
    pub role: Role,
    /// What it needs and does not have.
    pub lacks: Vec<Right>,
    /// What it has and does not need.
    pub excess: Vec<Excess>,
}

/// What a role has and does not need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Excess {
    /// It may do everything.
    Superuser,
    /// It owns an object, or can act as who owns it.
    Owner {
        /// The object.
        object: Object,
        /// Its owner.
        owner: String,
    },
    /// It may do more with an object than the driver does.
    Privileges {
        /// The object.
        object: Object,
        /// What it may do beyond that.
        privileges: Vec<Privilege>,
    },
    /// It may let others do something with an object.
    GrantOption {
        /// The object.
        object: Object,
        /// What it may pass on.
        privileges: Vec<Privilege>,
    },
}

impl Grantee {
    /// Says whether the role lacks a part of a right.
    #[must_use]
    pub fn lacks(&self, right: &Right) -> bool {
        self.lacking(right).is_some()
    }

    /// Returns the part of a right that the role lacks.
    fn lacking(&self, right: &Right) -> Option<Right> {
        let holding = self.holding(&right.object);
        let has = |privilege| holding.is_some_and(|holding| holding.has_all(Question::Held, &[privilege]));
        let privileges: Vec<Privilege> =
            right.privileges.iter().copied().filter(|&privilege| !self.superuser && !has(privilege)).collect();
        (!privileges.is_empty()).then(|| Right { object: right.object.clone(), privileges })
    }

    /// Returns what is known of an object, if it is there.
    #[must_use]
    pub fn holding(&self, object: &Object) -> Option<&Holding> {
        self.objects.iter().find(|holding| holding.object == *object)
    }

    /// Compares what the role has with what it needs, and with what does no harm.
    #[must_use]
    pub fn standing(&self, role: Role, needed: &[Right], harmless: &[Right]) -> Standing {
        let excess = if self.superuser {
            vec![Excess::Superuser]
        } else {
            let holdings = harmless.iter().filter_map(|right| Some((self.holding(&right.object)?, right)));
            holdings.flat_map(|(holding, right)| holding.excess(&right.privileges)).collect()
        };
        Standing { role, lacks: needed.iter().filter_map(|right| self.lacking(right)).collect(), excess }
    }
}

impl Holding {
    /// Says whether the answer is yes for all of these.
    #[must_use]
    pub fn has_all(&self, question: Question, privileges: &[Privilege]) -> bool {
        privileges.iter().all(|&privilege| self.answers.contains(&(question, privilege)))
    }

    fn excess(&self, harmless: &[Privilege]) -> Vec<Excess> {
        let object = self.object.clone();
        // An owner can do everything.
        if self.owned {
            return vec![Excess::Owner { object, owner: self.owner.name.raw.clone() }];
        }
        let privileges = |is_meant: &dyn Fn(Question, Privilege) -> bool| {
            let meant = self.answers.iter().filter(|(question, privilege)| is_meant(*question, *privilege));
            let mut privileges: Vec<Privilege> = meant.map(|&(_, privilege)| privilege).collect();
            privileges.sort();
            privileges.dedup();
            privileges
        };
        let beyond = privileges(&|question, privilege| match question {
            Question::Held | Question::OfColumns => !harmless.contains(&privilege),
            Question::Grantable | Question::MayGrant => false,
        });
        let grantable = privileges(&|question, _| question == Question::Grantable);
        let mut excess = Vec::new();
        if !beyond.is_empty() {
            excess.push(Excess::Privileges { object: object.clone(), privileges: beyond });
        }
        if !grantable.is_empty() {
            excess.push(Excess::GrantOption { object, privileges: grantable });
        }
        excess
    }
}

impl fmt::Display for Excess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Superuser => f.write_str("superuser"),
            Self::Owner { object, owner } => write!(f, "owner of {object}, as \"{owner}\""),
            Self::Privileges { object, privileges } => write!(f, "{} on {object}", listed(privileges)),
            Self::GrantOption { object, privileges } => {
                write!(f, "grant option for {} on {object}", listed(privileges))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::right::Kind;
    use super::super::surroundings::Name;
    use super::*;

    fn object(kind: Kind, identity: &str) -> Object {
        Object { kind, identity: identity.to_owned() }
    }

    fn holding(kind: Kind, identity: &str, owned: bool, answers: &[(Question, Privilege)]) -> Holding {
        let dba = Owner { name: Name { raw: "dba".to_owned(), sql: "dba".to_owned() }, superuser: false };
        Holding { object: object(kind, identity), owner: dba, owned, answers: answers.to_vec() }
    }

    fn right(kind: Kind, identity: &str, privileges: &[Privilege]) -> Right {
        Right { object: object(kind, identity), privileges: privileges.to_vec() }
    }

    #[test]
    fn what_is_lacking_and_what_is_too_much_is_said() {
        use Privilege::{Delete, Insert, Select, Truncate, Usage};
        use Question::{Grantable, Held, MayGrant, OfColumns};
        let needed = [
            right(Kind::Schema, "pevensie", &[Usage]),
            right(Kind::Table, "cache", &[Select, Insert]),
            right(Kind::Table, "session", &[Select]),
            right(Kind::Table, "new", &[Select]),
        ];
        let mut grantee = Grantee {
            exists: true,
            superuser: false,
            objects: vec![
                holding(Kind::Schema, "pevensie", false, &[(Held, Usage), (MayGrant, Usage)]),
                holding(Kind::Table, "cache", false, &[(Held, Select), (OfColumns, Insert), (Grantable, Select)]),
                holding(Kind::Table, "session", true, &[(Held, Select), (Held, Truncate), (Grantable, Select)]),
                holding(Kind::Table, "other", false, &[(Held, Delete)]),
                holding(Kind::Table, "module_version", false, &[(Held, Truncate), (Held, Delete), (OfColumns, Delete)]),
            ],
        };
        let harmless = [&needed[..], &[right(Kind::Table, "module_version", &[Select])]].concat();
        let words = |grantee: &Grantee| {
            let Standing { lacks, excess, .. } = grantee.standing("app".parse().unwrap(), &needed, &harmless);
            (
                lacks.iter().map(ToString::to_string).collect::<Vec<_>>(),
                excess.iter().map(ToString::to_string).collect(),
            )
        };
        let (lacks, excess): (_, Vec<String>) = words(&grantee);
        assert_eq!(lacks, ["insert on table pevensie.cache", "select on table pevensie.new"]);
        assert_eq!(
            excess,
            [
                "grant option for select on table pevensie.cache",
                "owner of table pevensie.session, as \"dba\"",
                "delete, truncate on table pevensie.module_version",
            ]
        );
        grantee.superuser = true;
        let (lacks, excess): (Vec<String>, Vec<String>) = words(&grantee);
        assert_eq!((lacks, excess), (Vec::new(), vec!["superuser".to_owned()]));
    }
}
