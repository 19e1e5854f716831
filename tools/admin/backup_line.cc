// backup_line.cc: the command lines of backups, restores and erasures.
#include "tools/admin/line.h"

namespace relais::admin {

namespace {

constexpr const char* kPrompt = "Passphrase of the backup key: ";
constexpr const char* kCredential = "relais-backup-passphrase";

void add_private_key(CLI::App& command, SignerFile& key, int& descriptor) {
    add_file(command, "--backup-key", key.file, "Private half of the backup key",
             "RELAIS_BACKUP_KEY")
        ->required();
    command.add_option("--passphrase-fd", descriptor,
                       "Descriptor that gives its passphrase; otherwise it is asked for");
}

void add_backup_key(CLI::App& app, Line& line) {
    auto* key = app.add_subcommand("backup-key", "The key that backups are sealed to");
    key->require_subcommand(1);
    auto* make = key->add_subcommand("new", "Make one: a sealed private half, a public half");
    auto request = std::make_shared<BackupKeyRequest>();
    auto descriptor = std::make_shared<int>(-1);
    make->add_option("--key-file", request->key_file, "Where to write the sealed private half")
        ->required();
    make->add_option("--public-file", request->public_file, "Where to write the public half")
        ->required();
    make->add_option("--passphrase-fd", *descriptor, "Descriptor that gives the new passphrase");
    make->callback([&line, request, descriptor] {
        line.run = [&line, request, descriptor] {
            request->passphrase =
                source(*descriptor, kCredential, "New passphrase of the backup key: ");
            return new_backup_key(*request, line.output);
        };
    });
}

void add_verify(CLI::App& backup, Line& line) {
    auto* verify = backup.add_subcommand(
        "verify", "Open a backup, check its digests, and check its store as relais-fsck does");
    auto request = std::make_shared<VerifyBackupRequest>();
    auto descriptor = std::make_shared<int>(-1);
    verify->add_option("file", request->file, "The backup")->required();
    add_private_key(*verify, request->key, *descriptor);
    verify->add_option("--work", request->work,
                       "Private folder for what is unpacked meanwhile; otherwise TMPDIR");
    verify->callback([&line, request, descriptor] {
        line.run = [&line, request, descriptor] {
            request->key.passphrase = source(*descriptor, kCredential, kPrompt);
            request->owns_process = true;
            return verify_backup(*request, line.output);
        };
    });
}

void add_backup(CLI::App& app, Line& line) {
    auto* backup = app.add_subcommand(
        "backup", "Write an encrypted backup while the broker runs; `backup verify` proves one");
    auto request = std::make_shared<BackupRequest>();
    backup->require_subcommand(0, 1);
    add_config(*backup, line)->required(false);  // `backup verify` goes without
    backup->add_option("--to", request->file, "File to write; it must not exist");
    backup->add_option("--key", request->key,
                       "Public half of the backup key; otherwise backup.key of the configuration");
    backup->add_option("--work", request->work,
                       "Private folder for the copy of the database meanwhile; otherwise the data "
                       "folder");
    add_verify(*backup, line);
    backup->callback([&line, request, backup] {
        if (!backup->get_subcommands().empty()) return;
        line.run = [&line, request]() -> Result<void> {
            if (request->file.empty() || line.config.empty()) {
                return fail(ErrorCode::usage, "backup needs --config and --to");
            }
            request->owns_process = true;
            return with_broker(
                line, [&](Operator& op) { return make_backup(op, *request, line.output); });
        };
    });
}

void add_restore(CLI::App& app, Line& line) {
    auto* command = app.add_subcommand("restore", "Put a backup back into an empty folder");
    auto request = std::make_shared<RestoreRequest>();
    auto descriptor = std::make_shared<int>(-1);
    command->add_option("file", request->file, "The backup")->required();
    command->add_option("--to", request->folder, "Data folder: absent or empty")->required();
    add_private_key(*command, request->key, *descriptor);
    command->add_option("--erasures", request->erasures,
                        "Journal of erasures (backup.erasures of the configuration)");
    command->add_option("--checkpoint", request->checkpoint,
                        "A later signed head of the audit log: of an export, a witness, a station");
    command->callback([&line, request, descriptor] {
        line.run = [&line, request, descriptor] {
            request->key.passphrase = source(*descriptor, kCredential, kPrompt);
            request->owns_process = true;
            return restore(*request, line.output);
        };
    });
}

void add_erase(CLI::App& app, Line& line) {
    auto* command = app.add_subcommand("erase", "Erase a message, for good and everywhere");
    auto request = std::make_shared<EraseRequest>();
    add_config(*command, line);
    command->add_option("--message", request->message, "Its id")->required();
    command
        ->add_option("--from", request->from,
                     "The mailbox that sent it, like cabinet-dupont@indre: another's message may "
                     "have the same id")
        ->required();
    command->add_option("--reason", request->reason, "request, mistake or order")->required();
    command->callback([&line, request] {
        line.run = [&line, request] {
            return with_broker(line,
                               [&](Operator& op) { return erase(op, *request, line.output); });
        };
    });
    auto* end =
        app.add_subcommand("settle", "End a restore: the directory takes new entries again");
    add_config(*end, line);
    end->callback([&line] {
        line.run = [&line] {
            return with_broker(line, [&](Operator& op) { return settle(op, line.output); });
        };
    });
}

}  // namespace

void add_backup_commands(CLI::App& app, Line& line) {
    add_backup_key(app, line);
    add_backup(app, line);
    add_restore(app, line);
    add_erase(app, line);
}

}  // namespace relais::admin
