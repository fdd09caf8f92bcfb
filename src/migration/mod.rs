//! What there is to install, what a database has recorded, and what leads from the one to the other. Pure: no I/O.

pub mod bundle;
pub mod checksum;
pub mod grantee;
pub mod guard;
pub mod history;
pub mod impact;
pub mod ledger;
pub mod limits;
#[expect(clippy::module_inception, reason = "the room's main noun has the room's name")]
pub mod migration;
pub mod module;
pub mod objects;
pub mod plan;
pub mod preflight;
pub mod refusal;
pub mod rehearsal;
pub mod right;
pub mod role;
pub mod rows;
pub mod script;
pub mod statements;
pub mod status;
pub mod surroundings;
pub mod version;
pub mod wish;
