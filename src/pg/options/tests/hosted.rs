//! The addresses that hosted services give out.

use super::{addr, password, settings};
use crate::pg::options::SslMode;

#[test]
fn addresses_of_hosted_services_are_read_as_libpq_reads_them() {
    for (name, text, server, mode) in [
        (
            "Neon",
            "postgresql://app:npg_x1@ep-cool-1-pooler.eu-central-1.aws.neon.tech/shop?sslmode=require&channel_binding=require",
            "app npg_x1 database \"shop\" on ep-cool-1-pooler.eu-central-1.aws.neon.tech:5432",
            SslMode::Require,
        ),
        (
            "Neon without SNI",
            "postgres://app:p@ep-cool-1.neon.tech/shop?options=endpoint%3Dep-cool-1&sslmode=verify-full&sslrootcert=system",
            "app p database \"shop\" on ep-cool-1.neon.tech:5432 endpoint=ep-cool-1",
            SslMode::VerifyFull,
        ),
        (
            "Supabase's pooler",
            "postgresql://postgres.abcdefgh:p%23ss@aws-0-eu-west-1.pooler.supabase.com:6543/postgres",
            "postgres.abcdefgh p#ss database \"postgres\" on aws-0-eu-west-1.pooler.supabase.com:6543",
            SslMode::Prefer,
        ),
        (
            "RDS",
            "postgres://app:p@db.c1.eu-west-1.rds.amazonaws.com/shop?sslmode=verify-full&sslrootcert=/etc/ssl/global-bundle.pem",
            "app p database \"shop\" on db.c1.eu-west-1.rds.amazonaws.com:5432",
            SslMode::VerifyFull,
        ),
        (
            "Cloud SQL's socket",
            "postgresql://app:p@/shop?host=/cloudsql/project:europe-west1:instance",
            "app p database \"shop\" on socket /cloudsql/project:europe-west1:instance",
            SslMode::Prefer,
        ),
        (
            "Fly",
            "postgres://postgres:p@shop-db.flycast:5432/shop?sslmode=disable",
            "postgres p database \"shop\" on shop-db.flycast:5432",
            SslMode::Disable,
        ),
        (
            "Render",
            "postgresql://app:p@dpg-abc123-a.frankfurt-postgres.render.com/shop_xyz",
            "app p database \"shop_xyz\" on dpg-abc123-a.frankfurt-postgres.render.com:5432",
            SslMode::Prefer,
        ),
        (
            "Heroku, with odd characters",
            "postgres://u1:p$!*()_+-=;'#[]?&:x@ec2-1-2-3-4.compute-1.amazonaws.com:5432/d1",
            "u1 p$!*()_+-=;'#[]?&:x database \"d1\" on ec2-1-2-3-4.compute-1.amazonaws.com:5432",
            SslMode::Prefer,
        ),
        (
            "Azure's single server",
            "postgres://app%40shop:p@shop.postgres.database.azure.com:5432/postgres?sslmode=require",
            "app@shop p database \"postgres\" on shop.postgres.database.azure.com:5432",
            SslMode::Require,
        ),
        (
            "Azure, in pairs",
            "host=shop.postgres.database.azure.com port=5432 dbname={db} user=app@shop password={p} sslmode=require",
            "app@shop {p} database \"{db}\" on shop.postgres.database.azure.com:5432",
            SslMode::Require,
        ),
        (
            "Crunchy Bridge",
            "postgres://application:p@p.abc123.db.postgresbridge.com:5432/postgres",
            "application p database \"postgres\" on p.abc123.db.postgresbridge.com:5432",
            SslMode::Prefer,
        ),
        (
            "Aiven",
            "postgres://avnadmin:AVNS_x@pg-1-shop.aivencloud.com:12691/defaultdb?sslmode=require",
            "avnadmin AVNS_x database \"defaultdb\" on pg-1-shop.aivencloud.com:12691",
            SslMode::Require,
        ),
        (
            "DigitalOcean",
            "postgresql://doadmin:AVNS_x@db-do-user-1-0.b.db.ondigitalocean.com:25060/defaultdb?sslmode=require",
            "doadmin AVNS_x database \"defaultdb\" on db-do-user-1-0.b.db.ondigitalocean.com:25060",
            SslMode::Require,
        ),
        (
            "Railway",
            "postgresql://postgres:p@monorail.proxy.rlwy.net:41234/railway",
            "postgres p database \"railway\" on monorail.proxy.rlwy.net:41234",
            SslMode::Prefer,
        ),
    ] {
        let found = addr(text);
        let words = [found.user(), password(&found).as_deref(), Some(&found.address().to_string()), found.options()]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" ");
        assert_eq!((words.as_str(), found.ssl().mode), (server, mode), "{name}");
    }
}

#[test]
fn parameters_of_other_drivers_are_refused_by_name_as_libpq_does() {
    for parameter in [
        "pgbouncer=true",
        "schema=public",
        "connection_limit=1",
        "pool_timeout=0",
        "supa=base-pooler.x",
        "ssl-mode=REQUIRED",
        "sslaccept=strict",
        "ssl=no-verify",
        "uselibpqcompat=true",
        "statusColor=red",
        "prepareThreshold=0",
        "sql_mode=x",
        "encoding=utf8",
    ] {
        let error = settings(Some(&format!("postgres://u:p@h/d?sslmode=require&{parameter}")), &[]).unwrap_err();
        let word = parameter.split('=').next().unwrap();
        assert_eq!(error.to_string(), format!("unknown keyword \"{word}\" in --addr"));
    }
}
