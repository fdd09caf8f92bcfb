# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_pevensie_pg_global_optspecs
    string join \n q/quiet v/verbose color= h/help V/version
end

function __fish_pevensie_pg_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_pevensie_pg_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_pevensie_pg_using_subcommand
    set -l cmd (__fish_pevensie_pg_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c pevensie-pg -n "__fish_pevensie_pg_needs_command" -l color -d 'When to colour; auto heeds NO_COLOR, CLICOLOR_FORCE and the terminal' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pevensie-pg -n "__fish_pevensie_pg_needs_command" -s q -l quiet -d 'Say nothing on stderr but problems'
complete -c pevensie-pg -n "__fish_pevensie_pg_needs_command" -s v -l verbose -d 'Say everything: the connection and where each setting came from, passwords masked'
complete -c pevensie-pg -n "__fish_pevensie_pg_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pevensie-pg -n "__fish_pevensie_pg_needs_command" -s V -l version -d 'Print version'
complete -c pevensie-pg -n "__fish_pevensie_pg_needs_command" -f -a "migrate" -d 'Print what brings a database up to date, or apply it'
complete -c pevensie-pg -n "__fish_pevensie_pg_needs_command" -f -a "status" -d 'Show what a database has and what is pending or wrong'
complete -c pevensie-pg -n "__fish_pevensie_pg_needs_command" -f -a "rollback" -d 'Print what rolls migrations back, or apply it'
complete -c pevensie-pg -n "__fish_pevensie_pg_needs_command" -f -a "print" -d 'Print migrations for other tools, without a database'
complete -c pevensie-pg -n "__fish_pevensie_pg_needs_command" -f -a "rehearse" -d 'Prove the migrations on a scratch database'
complete -c pevensie-pg -n "__fish_pevensie_pg_needs_command" -f -a "completions" -d 'Print the completions for a shell'
complete -c pevensie-pg -n "__fish_pevensie_pg_needs_command" -f -a "man" -d 'Print a manual page'
complete -c pevensie-pg -n "__fish_pevensie_pg_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand migrate" -l grant-to -d 'Grant this role, by its exact name, what the driver needs of these modules, and nothing more; the role has to be there, and nothing is ever revoked' -r
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand migrate" -l addr -d 'Where the database is: a URL or a libpq string of key=value pairs; otherwise DATABASE_URL, otherwise PGSERVICE, PGHOST, PGUSER and libpq\'s other variables. Repeat it for several databases' -r
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand migrate" -l addr-file -d 'Read more addresses from a file, one to a line; - is stdin. Empty lines and those that begin with # are skipped' -r -F
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand migrate" -l jobs -d 'How many of several databases at a time [default: 4 for each processor]' -r
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand migrate" -l connect-timeout -d 'How long one attempt to connect may take [default: 10s]' -r
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand migrate" -l wait -d 'Keep trying for so long while the server starts [default: one attempt]' -r
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand migrate" -l statement-timeout -d 'How long one statement may run; 0 is forever [default: 5min; forever for an index that is built online]' -r
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand migrate" -l lock-wait -d 'How long to wait for another migrator; with --apply' -r
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand migrate" -l lock-timeout -d 'How long a statement may queue for a table before all is rolled back and tried again; with --apply' -r
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand migrate" -l color -d 'When to colour; auto heeds NO_COLOR, CLICOLOR_FORCE and the terminal' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand migrate" -l apply -d 'Run the statements'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand migrate" -l adopt -d 'Record modules that are there without any record, if they are exactly a known version'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand migrate" -l single-transaction -d 'Build no index online: everything in one transaction, in which an index of a table in use blocks writes while it is built'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand migrate" -l fail-fast -d 'Begin no other database once one has ended with an exit code other than 0'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand migrate" -l json -d 'Give the result as one JSON document'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand migrate" -s q -l quiet -d 'Say nothing on stderr but problems'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand migrate" -s v -l verbose -d 'Say everything: the connection and where each setting came from, passwords masked'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand migrate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand status" -l app-role -d 'Say what this role, by its exact name, lacks to use the modules as the driver does (an error), and what it may do beyond that (a warning)' -r
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand status" -l addr -d 'Where the database is: a URL or a libpq string of key=value pairs; otherwise DATABASE_URL, otherwise PGSERVICE, PGHOST, PGUSER and libpq\'s other variables. Repeat it for several databases' -r
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand status" -l addr-file -d 'Read more addresses from a file, one to a line; - is stdin. Empty lines and those that begin with # are skipped' -r -F
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand status" -l jobs -d 'How many of several databases at a time [default: 4 for each processor]' -r
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand status" -l connect-timeout -d 'How long one attempt to connect may take [default: 10s]' -r
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand status" -l wait -d 'Keep trying for so long while the server starts [default: one attempt]' -r
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand status" -l statement-timeout -d 'How long one statement may run; 0 is forever [default: 5min; forever for an index that is built online]' -r
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand status" -l color -d 'When to colour; auto heeds NO_COLOR, CLICOLOR_FORCE and the terminal' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand status" -l check -d 'Set the exit code, for CI'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand status" -l strict -d 'Take objects that somebody added to the schema for an error, and what --app-role has too much'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand status" -l history -d 'Show the history, too: every record of what was done'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand status" -l fail-fast -d 'Begin no other database once one has ended with an exit code other than 0'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand status" -l json -d 'Give the result as one JSON document'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand status" -s q -l quiet -d 'Say nothing on stderr but problems'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand status" -s v -l verbose -d 'Say everything: the connection and where each setting came from, passwords masked'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand rollback" -l steps -d 'How many migrations of each module [default: 1]' -r
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand rollback" -l to -d 'Down to this version, which stays; 0 removes everything of the modules' -r
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand rollback" -l addr -d 'Where the database is: a URL or a libpq string of key=value pairs; otherwise DATABASE_URL, otherwise PGSERVICE, PGHOST, PGUSER and libpq\'s other variables' -r
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand rollback" -l connect-timeout -d 'How long one attempt to connect may take [default: 10s]' -r
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand rollback" -l wait -d 'Keep trying for so long while the server starts [default: one attempt]' -r
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand rollback" -l statement-timeout -d 'How long one statement may run; 0 is forever [default: 5min; forever for an index that is built online]' -r
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand rollback" -l lock-wait -d 'How long to wait for another migrator; with --apply' -r
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand rollback" -l lock-timeout -d 'How long a statement may queue for a table before all is rolled back and tried again; with --apply' -r
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand rollback" -l color -d 'When to colour; auto heeds NO_COLOR, CLICOLOR_FORCE and the terminal' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand rollback" -l apply -d 'Run the statements'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand rollback" -s y -l yes -d 'Do not ask before data is lost'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand rollback" -l json -d 'Give the result as one JSON document'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand rollback" -s q -l quiet -d 'Say nothing on stderr but problems'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand rollback" -s v -l verbose -d 'Say everything: the connection and where each setting came from, passwords masked'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand rollback" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand print" -l from -d 'Print only what is newer than this version: for a database that has everything up to it and is in use; indexes are built online where the format can say so' -r
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand print" -l format -d 'In which form' -r -f -a "sql\t'Bare statements, without BEGIN and COMMIT'
psql\t'A script for psql, in transactions, refused where it does not fit'
dbmate\t'db/migrations/STAMP_NAME.sql, up and down'
sqlx\t'migrations/STAMP_NAME.up.sql and .down.sql'
refinery\t'migrations/V1__NAME.sql, numbered, up only'
diesel\t'migrations/YYYY-MM-DD-HHMMSS_NAME/up.sql and down.sql'
goose\t'migrations/STAMP_NAME.sql, up and down'
golang-migrate\t'migrations/STAMP_NAME.up.sql and .down.sql'
tern\t'migrations/001_NAME.sql, numbered without gaps, up and down'
atlas\t'migrations/STAMP_NAME.sql, up only'
flyway\t'sql/VSTAMP__NAME.sql and USTAMP__NAME.sql'
liquibase\t'STAMP_NAME.sql, a formatted changelog with rollback'
sqitch\t'deploy/, revert/, verify/NAME.sql, and lines of sqitch.plan'
graphile-migrate\t'migrations/current/001-NAME.sql, numbered, up only'
node-pg-migrate\t'migrations/STAMP_NAME.sql, up and down'
ecto\t'priv/repo/migrations/STAMP_NAME.exs, up and down'
cigogne\t'priv/migrations/STAMP-NAME.sql, up and down'"
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand print" -l out -d 'Write the format\'s files into this folder; those that are there stay as they are' -r -F
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand print" -l first -d 'Number new files from here on, in formats that number [default: after those in DIR, or 1]' -r
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand print" -l grants -d 'Print instead the grants that this role, by its exact name, needs to use the modules as the driver does' -r
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand print" -l color -d 'When to colour; auto heeds NO_COLOR, CLICOLOR_FORCE and the terminal' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand print" -l down -d 'Print the way back; formats of other tools have it in their files'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand print" -l json -d 'Give the result as one JSON document'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand print" -s q -l quiet -d 'Say nothing on stderr but problems'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand print" -s v -l verbose -d 'Say everything: the connection and where each setting came from, passwords masked'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand print" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand rehearse" -l addr -d 'Where the database is: a URL or a libpq string of key=value pairs; otherwise DATABASE_URL, otherwise PGSERVICE, PGHOST, PGUSER and libpq\'s other variables' -r
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand rehearse" -l connect-timeout -d 'How long one attempt to connect may take [default: 10s]' -r
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand rehearse" -l wait -d 'Keep trying for so long while the server starts [default: one attempt]' -r
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand rehearse" -l statement-timeout -d 'How long one statement may run; 0 is forever [default: 5min; forever for an index that is built online]' -r
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand rehearse" -l color -d 'When to colour; auto heeds NO_COLOR, CLICOLOR_FORCE and the terminal' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand rehearse" -l keep -d 'Leave the database, with everything installed, and print its address; how to remove it is said on stderr'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand rehearse" -l json -d 'Give the result as one JSON document'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand rehearse" -s q -l quiet -d 'Say nothing on stderr but problems'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand rehearse" -s v -l verbose -d 'Say everything: the connection and where each setting came from, passwords masked'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand rehearse" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand completions" -l color -d 'When to colour; auto heeds NO_COLOR, CLICOLOR_FORCE and the terminal' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand completions" -s q -l quiet -d 'Say nothing on stderr but problems'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand completions" -s v -l verbose -d 'Say everything: the connection and where each setting came from, passwords masked'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand completions" -s h -l help -d 'Print help'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand man" -l color -d 'When to colour; auto heeds NO_COLOR, CLICOLOR_FORCE and the terminal' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand man" -s q -l quiet -d 'Say nothing on stderr but problems'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand man" -s v -l verbose -d 'Say everything: the connection and where each setting came from, passwords masked'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand man" -s h -l help -d 'Print help'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand help; and not __fish_seen_subcommand_from migrate status rollback print rehearse completions man help" -f -a "migrate" -d 'Print what brings a database up to date, or apply it'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand help; and not __fish_seen_subcommand_from migrate status rollback print rehearse completions man help" -f -a "status" -d 'Show what a database has and what is pending or wrong'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand help; and not __fish_seen_subcommand_from migrate status rollback print rehearse completions man help" -f -a "rollback" -d 'Print what rolls migrations back, or apply it'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand help; and not __fish_seen_subcommand_from migrate status rollback print rehearse completions man help" -f -a "print" -d 'Print migrations for other tools, without a database'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand help; and not __fish_seen_subcommand_from migrate status rollback print rehearse completions man help" -f -a "rehearse" -d 'Prove the migrations on a scratch database'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand help; and not __fish_seen_subcommand_from migrate status rollback print rehearse completions man help" -f -a "completions" -d 'Print the completions for a shell'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand help; and not __fish_seen_subcommand_from migrate status rollback print rehearse completions man help" -f -a "man" -d 'Print a manual page'
complete -c pevensie-pg -n "__fish_pevensie_pg_using_subcommand help; and not __fish_seen_subcommand_from migrate status rollback print rehearse completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
