
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'pevensie-pg' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'pevensie-pg'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'pevensie-pg' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour; auto heeds NO_COLOR, CLICOLOR_FORCE and the terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on stderr but problems')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on stderr but problems')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say everything: the connection and where each setting came from, passwords masked')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say everything: the connection and where each setting came from, passwords masked')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('migrate', 'migrate', [CompletionResultType]::ParameterValue, 'Print what brings a database up to date, or apply it')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show what a database has and what is pending or wrong')
            [CompletionResult]::new('rollback', 'rollback', [CompletionResultType]::ParameterValue, 'Print what rolls migrations back, or apply it')
            [CompletionResult]::new('print', 'print', [CompletionResultType]::ParameterValue, 'Print migrations for other tools, without a database')
            [CompletionResult]::new('rehearse', 'rehearse', [CompletionResultType]::ParameterValue, 'Prove the migrations on a scratch database')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completions for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print a manual page')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'pevensie-pg;migrate' {
            [CompletionResult]::new('--grant-to', '--grant-to', [CompletionResultType]::ParameterName, 'Grant this role, by its exact name, what the driver needs of these modules, and nothing more; the role has to be there, and nothing is ever revoked')
            [CompletionResult]::new('--addr', '--addr', [CompletionResultType]::ParameterName, 'Where the database is: a URL or a libpq string of key=value pairs; otherwise DATABASE_URL, otherwise PGSERVICE, PGHOST, PGUSER and libpq''s other variables. Repeat it for several databases')
            [CompletionResult]::new('--addr-file', '--addr-file', [CompletionResultType]::ParameterName, 'Read more addresses from a file, one to a line; - is stdin. Empty lines and those that begin with # are skipped')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'How many of several databases at a time [default: 4 for each processor]')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long one attempt to connect may take [default: 10s]')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Keep trying for so long while the server starts [default: one attempt]')
            [CompletionResult]::new('--statement-timeout', '--statement-timeout', [CompletionResultType]::ParameterName, 'How long one statement may run; 0 is forever [default: 5min; forever for an index that is built online]')
            [CompletionResult]::new('--lock-wait', '--lock-wait', [CompletionResultType]::ParameterName, 'How long to wait for another migrator; with --apply')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long a statement may queue for a table before all is rolled back and tried again; with --apply')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour; auto heeds NO_COLOR, CLICOLOR_FORCE and the terminal')
            [CompletionResult]::new('--apply', '--apply', [CompletionResultType]::ParameterName, 'Run the statements')
            [CompletionResult]::new('--adopt', '--adopt', [CompletionResultType]::ParameterName, 'Record modules that are there without any record, if they are exactly a known version')
            [CompletionResult]::new('--single-transaction', '--single-transaction', [CompletionResultType]::ParameterName, 'Build no index online: everything in one transaction, in which an index of a table in use blocks writes while it is built')
            [CompletionResult]::new('--fail-fast', '--fail-fast', [CompletionResultType]::ParameterName, 'Begin no other database once one has ended with an exit code other than 0')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Give the result as one JSON document')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on stderr but problems')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on stderr but problems')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say everything: the connection and where each setting came from, passwords masked')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say everything: the connection and where each setting came from, passwords masked')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'pevensie-pg;status' {
            [CompletionResult]::new('--app-role', '--app-role', [CompletionResultType]::ParameterName, 'Say what this role, by its exact name, lacks to use the modules as the driver does (an error), and what it may do beyond that (a warning)')
            [CompletionResult]::new('--addr', '--addr', [CompletionResultType]::ParameterName, 'Where the database is: a URL or a libpq string of key=value pairs; otherwise DATABASE_URL, otherwise PGSERVICE, PGHOST, PGUSER and libpq''s other variables. Repeat it for several databases')
            [CompletionResult]::new('--addr-file', '--addr-file', [CompletionResultType]::ParameterName, 'Read more addresses from a file, one to a line; - is stdin. Empty lines and those that begin with # are skipped')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'How many of several databases at a time [default: 4 for each processor]')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long one attempt to connect may take [default: 10s]')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Keep trying for so long while the server starts [default: one attempt]')
            [CompletionResult]::new('--statement-timeout', '--statement-timeout', [CompletionResultType]::ParameterName, 'How long one statement may run; 0 is forever [default: 5min; forever for an index that is built online]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour; auto heeds NO_COLOR, CLICOLOR_FORCE and the terminal')
            [CompletionResult]::new('--check', '--check', [CompletionResultType]::ParameterName, 'Set the exit code, for CI')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Take objects that somebody added to the schema for an error, and what --app-role has too much')
            [CompletionResult]::new('--history', '--history', [CompletionResultType]::ParameterName, 'Show the history, too: every record of what was done')
            [CompletionResult]::new('--fail-fast', '--fail-fast', [CompletionResultType]::ParameterName, 'Begin no other database once one has ended with an exit code other than 0')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Give the result as one JSON document')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on stderr but problems')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on stderr but problems')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say everything: the connection and where each setting came from, passwords masked')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say everything: the connection and where each setting came from, passwords masked')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'pevensie-pg;rollback' {
            [CompletionResult]::new('--steps', '--steps', [CompletionResultType]::ParameterName, 'How many migrations of each module [default: 1]')
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'Down to this version, which stays; 0 removes everything of the modules')
            [CompletionResult]::new('--addr', '--addr', [CompletionResultType]::ParameterName, 'Where the database is: a URL or a libpq string of key=value pairs; otherwise DATABASE_URL, otherwise PGSERVICE, PGHOST, PGUSER and libpq''s other variables')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long one attempt to connect may take [default: 10s]')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Keep trying for so long while the server starts [default: one attempt]')
            [CompletionResult]::new('--statement-timeout', '--statement-timeout', [CompletionResultType]::ParameterName, 'How long one statement may run; 0 is forever [default: 5min; forever for an index that is built online]')
            [CompletionResult]::new('--lock-wait', '--lock-wait', [CompletionResultType]::ParameterName, 'How long to wait for another migrator; with --apply')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long a statement may queue for a table before all is rolled back and tried again; with --apply')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour; auto heeds NO_COLOR, CLICOLOR_FORCE and the terminal')
            [CompletionResult]::new('--apply', '--apply', [CompletionResultType]::ParameterName, 'Run the statements')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask before data is lost')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask before data is lost')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Give the result as one JSON document')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on stderr but problems')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on stderr but problems')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say everything: the connection and where each setting came from, passwords masked')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say everything: the connection and where each setting came from, passwords masked')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'pevensie-pg;print' {
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Print only what is newer than this version: for a database that has everything up to it and is in use; indexes are built online where the format can say so')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'In which form')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Write the format''s files into this folder; those that are there stay as they are')
            [CompletionResult]::new('--first', '--first', [CompletionResultType]::ParameterName, 'Number new files from here on, in formats that number [default: after those in DIR, or 1]')
            [CompletionResult]::new('--grants', '--grants', [CompletionResultType]::ParameterName, 'Print instead the grants that this role, by its exact name, needs to use the modules as the driver does')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour; auto heeds NO_COLOR, CLICOLOR_FORCE and the terminal')
            [CompletionResult]::new('--down', '--down', [CompletionResultType]::ParameterName, 'Print the way back; formats of other tools have it in their files')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Give the result as one JSON document')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on stderr but problems')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on stderr but problems')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say everything: the connection and where each setting came from, passwords masked')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say everything: the connection and where each setting came from, passwords masked')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'pevensie-pg;rehearse' {
            [CompletionResult]::new('--addr', '--addr', [CompletionResultType]::ParameterName, 'Where the database is: a URL or a libpq string of key=value pairs; otherwise DATABASE_URL, otherwise PGSERVICE, PGHOST, PGUSER and libpq''s other variables')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long one attempt to connect may take [default: 10s]')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Keep trying for so long while the server starts [default: one attempt]')
            [CompletionResult]::new('--statement-timeout', '--statement-timeout', [CompletionResultType]::ParameterName, 'How long one statement may run; 0 is forever [default: 5min; forever for an index that is built online]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour; auto heeds NO_COLOR, CLICOLOR_FORCE and the terminal')
            [CompletionResult]::new('--keep', '--keep', [CompletionResultType]::ParameterName, 'Leave the database, with everything installed, and print its address; how to remove it is said on stderr')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Give the result as one JSON document')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on stderr but problems')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on stderr but problems')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say everything: the connection and where each setting came from, passwords masked')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say everything: the connection and where each setting came from, passwords masked')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'pevensie-pg;completions' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour; auto heeds NO_COLOR, CLICOLOR_FORCE and the terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on stderr but problems')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on stderr but problems')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say everything: the connection and where each setting came from, passwords masked')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say everything: the connection and where each setting came from, passwords masked')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pevensie-pg;man' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour; auto heeds NO_COLOR, CLICOLOR_FORCE and the terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on stderr but problems')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on stderr but problems')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say everything: the connection and where each setting came from, passwords masked')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say everything: the connection and where each setting came from, passwords masked')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pevensie-pg;help' {
            [CompletionResult]::new('migrate', 'migrate', [CompletionResultType]::ParameterValue, 'Print what brings a database up to date, or apply it')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show what a database has and what is pending or wrong')
            [CompletionResult]::new('rollback', 'rollback', [CompletionResultType]::ParameterValue, 'Print what rolls migrations back, or apply it')
            [CompletionResult]::new('print', 'print', [CompletionResultType]::ParameterValue, 'Print migrations for other tools, without a database')
            [CompletionResult]::new('rehearse', 'rehearse', [CompletionResultType]::ParameterValue, 'Prove the migrations on a scratch database')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completions for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print a manual page')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'pevensie-pg;help;migrate' {
            break
        }
        'pevensie-pg;help;status' {
            break
        }
        'pevensie-pg;help;rollback' {
            break
        }
        'pevensie-pg;help;print' {
            break
        }
        'pevensie-pg;help;rehearse' {
            break
        }
        'pevensie-pg;help;completions' {
            break
        }
        'pevensie-pg;help;man' {
            break
        }
        'pevensie-pg;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
