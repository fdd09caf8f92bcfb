
use builtin;
use str;

set edit:completion:arg-completer[pevensie-pg] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'pevensie-pg'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'pevensie-pg'= {
            cand --color 'When to colour; auto heeds NO_COLOR, CLICOLOR_FORCE and the terminal'
            cand -q 'Say nothing on stderr but problems'
            cand --quiet 'Say nothing on stderr but problems'
            cand -v 'Say everything: the connection and where each setting came from, passwords masked'
            cand --verbose 'Say everything: the connection and where each setting came from, passwords masked'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand migrate 'Print what brings a database up to date, or apply it'
            cand status 'Show what a database has and what is pending or wrong'
            cand rollback 'Print what rolls migrations back, or apply it'
            cand print 'Print migrations for other tools, without a database'
            cand rehearse 'Prove the migrations on a scratch database'
            cand completions 'Print the completions for a shell'
            cand man 'Print a manual page'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'pevensie-pg;migrate'= {
            cand --grant-to 'Grant this role, by its exact name, what the driver needs of these modules, and nothing more; the role has to be there, and nothing is ever revoked'
            cand --addr 'Where the database is: a URL or a libpq string of key=value pairs; otherwise DATABASE_URL, otherwise PGSERVICE, PGHOST, PGUSER and libpq''s other variables. Repeat it for several databases'
            cand --addr-file 'Read more addresses from a file, one to a line; - is stdin. Empty lines and those that begin with # are skipped'
            cand --jobs 'How many of several databases at a time [default: 4 for each processor]'
            cand --connect-timeout 'How long one attempt to connect may take [default: 10s]'
            cand --wait 'Keep trying for so long while the server starts [default: one attempt]'
            cand --statement-timeout 'How long one statement may run; 0 is forever [default: 5min; forever for an index that is built online]'
            cand --lock-wait 'How long to wait for another migrator; with --apply'
            cand --lock-timeout 'How long a statement may queue for a table before all is rolled back and tried again; with --apply'
            cand --color 'When to colour; auto heeds NO_COLOR, CLICOLOR_FORCE and the terminal'
            cand --apply 'Run the statements'
            cand --adopt 'Record modules that are there without any record, if they are exactly a known version'
            cand --single-transaction 'Build no index online: everything in one transaction, in which an index of a table in use blocks writes while it is built'
            cand --fail-fast 'Begin no other database once one has ended with an exit code other than 0'
            cand --json 'Give the result as one JSON document'
            cand -q 'Say nothing on stderr but problems'
            cand --quiet 'Say nothing on stderr but problems'
            cand -v 'Say everything: the connection and where each setting came from, passwords masked'
            cand --verbose 'Say everything: the connection and where each setting came from, passwords masked'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'pevensie-pg;status'= {
            cand --app-role 'Say what this role, by its exact name, lacks to use the modules as the driver does (an error), and what it may do beyond that (a warning)'
            cand --addr 'Where the database is: a URL or a libpq string of key=value pairs; otherwise DATABASE_URL, otherwise PGSERVICE, PGHOST, PGUSER and libpq''s other variables. Repeat it for several databases'
            cand --addr-file 'Read more addresses from a file, one to a line; - is stdin. Empty lines and those that begin with # are skipped'
            cand --jobs 'How many of several databases at a time [default: 4 for each processor]'
            cand --connect-timeout 'How long one attempt to connect may take [default: 10s]'
            cand --wait 'Keep trying for so long while the server starts [default: one attempt]'
            cand --statement-timeout 'How long one statement may run; 0 is forever [default: 5min; forever for an index that is built online]'
            cand --color 'When to colour; auto heeds NO_COLOR, CLICOLOR_FORCE and the terminal'
            cand --check 'Set the exit code, for CI'
            cand --strict 'Take objects that somebody added to the schema for an error, and what --app-role has too much'
            cand --history 'Show the history, too: every record of what was done'
            cand --fail-fast 'Begin no other database once one has ended with an exit code other than 0'
            cand --json 'Give the result as one JSON document'
            cand -q 'Say nothing on stderr but problems'
            cand --quiet 'Say nothing on stderr but problems'
            cand -v 'Say everything: the connection and where each setting came from, passwords masked'
            cand --verbose 'Say everything: the connection and where each setting came from, passwords masked'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'pevensie-pg;rollback'= {
            cand --steps 'How many migrations of each module [default: 1]'
            cand --to 'Down to this version, which stays; 0 removes everything of the modules'
            cand --addr 'Where the database is: a URL or a libpq string of key=value pairs; otherwise DATABASE_URL, otherwise PGSERVICE, PGHOST, PGUSER and libpq''s other variables'
            cand --connect-timeout 'How long one attempt to connect may take [default: 10s]'
            cand --wait 'Keep trying for so long while the server starts [default: one attempt]'
            cand --statement-timeout 'How long one statement may run; 0 is forever [default: 5min; forever for an index that is built online]'
            cand --lock-wait 'How long to wait for another migrator; with --apply'
            cand --lock-timeout 'How long a statement may queue for a table before all is rolled back and tried again; with --apply'
            cand --color 'When to colour; auto heeds NO_COLOR, CLICOLOR_FORCE and the terminal'
            cand --apply 'Run the statements'
            cand -y 'Do not ask before data is lost'
            cand --yes 'Do not ask before data is lost'
            cand --json 'Give the result as one JSON document'
            cand -q 'Say nothing on stderr but problems'
            cand --quiet 'Say nothing on stderr but problems'
            cand -v 'Say everything: the connection and where each setting came from, passwords masked'
            cand --verbose 'Say everything: the connection and where each setting came from, passwords masked'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'pevensie-pg;print'= {
            cand --from 'Print only what is newer than this version: for a database that has everything up to it and is in use; indexes are built online where the format can say so'
            cand --format 'In which form'
            cand --out 'Write the format''s files into this folder; those that are there stay as they are'
            cand --first 'Number new files from here on, in formats that number [default: after those in DIR, or 1]'
            cand --grants 'Print instead the grants that this role, by its exact name, needs to use the modules as the driver does'
            cand --color 'When to colour; auto heeds NO_COLOR, CLICOLOR_FORCE and the terminal'
            cand --down 'Print the way back; formats of other tools have it in their files'
            cand --json 'Give the result as one JSON document'
            cand -q 'Say nothing on stderr but problems'
            cand --quiet 'Say nothing on stderr but problems'
            cand -v 'Say everything: the connection and where each setting came from, passwords masked'
            cand --verbose 'Say everything: the connection and where each setting came from, passwords masked'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'pevensie-pg;rehearse'= {
            cand --addr 'Where the database is: a URL or a libpq string of key=value pairs; otherwise DATABASE_URL, otherwise PGSERVICE, PGHOST, PGUSER and libpq''s other variables'
            cand --connect-timeout 'How long one attempt to connect may take [default: 10s]'
            cand --wait 'Keep trying for so long while the server starts [default: one attempt]'
            cand --statement-timeout 'How long one statement may run; 0 is forever [default: 5min; forever for an index that is built online]'
            cand --color 'When to colour; auto heeds NO_COLOR, CLICOLOR_FORCE and the terminal'
            cand --keep 'Leave the database, with everything installed, and print its address; how to remove it is said on stderr'
            cand --json 'Give the result as one JSON document'
            cand -q 'Say nothing on stderr but problems'
            cand --quiet 'Say nothing on stderr but problems'
            cand -v 'Say everything: the connection and where each setting came from, passwords masked'
            cand --verbose 'Say everything: the connection and where each setting came from, passwords masked'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'pevensie-pg;completions'= {
            cand --color 'When to colour; auto heeds NO_COLOR, CLICOLOR_FORCE and the terminal'
            cand -q 'Say nothing on stderr but problems'
            cand --quiet 'Say nothing on stderr but problems'
            cand -v 'Say everything: the connection and where each setting came from, passwords masked'
            cand --verbose 'Say everything: the connection and where each setting came from, passwords masked'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'pevensie-pg;man'= {
            cand --color 'When to colour; auto heeds NO_COLOR, CLICOLOR_FORCE and the terminal'
            cand -q 'Say nothing on stderr but problems'
            cand --quiet 'Say nothing on stderr but problems'
            cand -v 'Say everything: the connection and where each setting came from, passwords masked'
            cand --verbose 'Say everything: the connection and where each setting came from, passwords masked'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'pevensie-pg;help'= {
            cand migrate 'Print what brings a database up to date, or apply it'
            cand status 'Show what a database has and what is pending or wrong'
            cand rollback 'Print what rolls migrations back, or apply it'
            cand print 'Print migrations for other tools, without a database'
            cand rehearse 'Prove the migrations on a scratch database'
            cand completions 'Print the completions for a shell'
            cand man 'Print a manual page'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'pevensie-pg;help;migrate'= {
        }
        &'pevensie-pg;help;status'= {
        }
        &'pevensie-pg;help;rollback'= {
        }
        &'pevensie-pg;help;print'= {
        }
        &'pevensie-pg;help;rehearse'= {
        }
        &'pevensie-pg;help;completions'= {
        }
        &'pevensie-pg;help;man'= {
        }
        &'pevensie-pg;help;help'= {
        }
    ]
    $completions[$command]
}
