// commands.h: the operator's commands. Each says what it did; errors are returned.
#pragma once

#include "tools/admin/operator.h"
#include "tools/indicators/months.h"

namespace relais::admin {

struct InitRequest {
    std::string domain;
    std::string title;
    std::filesystem::path data;
    std::filesystem::path config;          // to be written
    std::filesystem::path authority_file;  // to be taken away from this machine
    std::filesystem::path registrar_file;
    std::string registrar_title = "Registrar";
    station::PassphraseSource authority_passphrase;
    station::PassphraseSource registrar_passphrase;
    std::string listen_broker = "tcp://127.0.0.1:7411";
    std::string listen_enrolment = "tcp://127.0.0.1:7412";
    std::string listen_http = "127.0.0.1:7413";
    bool test = false;
    unsigned scrypt_log2_n = limits::kScryptLog2N;
};
// Makes a domain: its keys, its folder with the first entry of the directory, its configuration.
// Errors: already_exists  anything of it is there; nothing is overwritten.
Result<void> init(const InitRequest& request, const Output& output);

struct InviteRequest {
    std::string recover;  // organisation to be recovered; empty: a new one
    bool anchor = false;  // the CPTS that publishes kinds; approved with the authority's key
    std::chrono::seconds lifetime{7 * 24 * 3600};
    std::filesystem::path token_file;  // empty: standard output
};
Result<void> invite(Operator& op, DomainSigner& signer, const InviteRequest& request,
                    const Output& output);
// Approves or refuses what waits for invitations made with this signer, those made meanwhile too;
// waits for up to `wait`. What fails for a reason that passes is left open (ends_proposal); what
// the directory has taken already, before an answer could be given, is approved.
// Errors: not_decided  nothing came; why the last one was refused or left open, where one was.
Result<void> approve(Operator& op, DomainSigner& signer, std::chrono::seconds wait,
                     const Output& output);
Result<void> close_invitation(Operator& op, DomainSigner& signer, const std::string& locator,
                              const Output& output);

Result<void> list(Operator& op, const Output& output);
Result<void> set_suspended(Operator& op, DomainSigner& signer, const std::string& organisation,
                           bool suspended, const Output& output);
struct AttestRequest {
    std::string organisation;
    std::string person;  // id, or its title
    std::string evidence = "national_directory";
    bool withdraw = false;
};
Result<void> attest(Operator& op, DomainSigner& signer, const AttestRequest& request,
                    const Output& output);

Result<void> compile_kind(const std::filesystem::path& folder, const std::filesystem::path& bundle,
                          const Output& output);
struct PublishRequest {
    std::filesystem::path folder;   // of the kind
    std::filesystem::path station;  // of the anchor organisation
    station::PassphraseSource passphrase;
    bool yes = false;  // do not ask
};
Result<void> add_kind(const PublishRequest& request, const Output& output);
Result<void> withdraw_kind(const std::string& kind, const PublishRequest& request,
                           const Output& output);
Result<void> list_kinds(Operator& op, const Output& output);

// Reads the files of the folder, says what is in them and what they change, then signs and
// publishes them as a reference pack. Errors: bad_configuration  broken lines, unless they are to
// be left out; those of read_pack_folder and Registrar::publish_pack.
struct ImportOptions {
    bool skip_broken = false;
    bool without_availability = false;  // drugs, though no line says which are short
};
Result<void> import_pack(const PublishRequest& request, const ImportOptions& options,
                         const Output& output);
Result<void> withdraw_pack(const std::string& pack, const PublishRequest& request,
                           const Output& output);
Result<void> list_packs(Operator& op, const Output& output);

// How many organisations must cosign the heads of the logs, and how old the last that they did may
// be. Signed by the domain authority alone.
Result<void> set_witness_policy(Operator& op, DomainSigner& authority, unsigned organisations,
                                std::chrono::seconds late_after, const Output& output);

// A key that the broker makes for itself signs from now on, for a year; the authority names it.
// With `stolen` the former one ends, rather than count until its own end.
// Errors: not_a_signer  the key file is not the authority's; those of Engine's make_broker_key.
Result<void> renew_broker_key(Operator& op, DomainSigner& authority, bool stolen,
                              const Output& output);

struct RegistrarRequest {
    std::string title;
    std::filesystem::path file;  // of its sealed key, to be made
    station::PassphraseSource passphrase;
    unsigned scrypt_log2_n = limits::kScryptLog2N;
};
Result<void> list_registrars(Operator& op, const Output& output);
// Errors: not_a_signer; already_exists  the file.
Result<void> add_registrar(Operator& op, DomainSigner& authority, const RegistrarRequest& request,
                           const Output& output);
// `named`: its title, or the first eight digits of its fingerprint and as many more as there are.
// Errors: not_a_signer; unknown_object; usage  several are named so, or it is the last.
Result<void> remove_registrar(Operator& op, DomainSigner& authority, const std::string& named,
                              const Output& output);

Result<void> status(Operator& op, const Output& output);
// The last reckoning. What it found is no error of the broker's.
Result<void> silence(Operator& op, const Output& output);
// Everything that can be checked from here: configuration, folder, keys against the directory,
// health.
Result<void> check(const std::filesystem::path& config_file, const Output& output);
Result<void> trust_clock(Operator& op, const Output& output);

struct BackupKeyRequest {
    std::filesystem::path key_file;     // private half, sealed
    std::filesystem::path public_file;  // public half
    station::PassphraseSource passphrase;
    unsigned scrypt_log2_n = limits::kScryptLog2N;
};
// Errors: already_exists  either file.
Result<void> new_backup_key(const BackupKeyRequest& request, const Output& output);

struct BackupRequest {
    std::filesystem::path file;  // to be written
    std::filesystem::path key;   // public half; empty: as configured
    std::filesystem::path work;
    bool owns_process = false;  // it is this command's: a signal ends it, its parts removed
};
// Of the running broker, which notes it in a leaf. Errors: corrupt  files of attachments are
// missing, and it is written without them; those of backup::make_backup.
Result<void> make_backup(Operator& op, const BackupRequest& request, const Output& output);

struct VerifyBackupRequest {
    std::filesystem::path file;
    SignerFile key;
    std::filesystem::path work;  // where it is unpacked meanwhile; empty: TMPDIR
    bool owns_process = false;
};
// Errors: evidence_altered  the first problem found; those of backup::unpack_backup.
Result<void> verify_backup(const VerifyBackupRequest& request, const Output& output);

struct RestoreRequest {
    std::filesystem::path file;
    std::filesystem::path folder;
    SignerFile key;
    std::filesystem::path erasures;
    std::filesystem::path checkpoint;
    bool owns_process = false;
};
Result<void> restore(const RestoreRequest& request, const Output& output);
// Ends a restore: the directory takes new entries again.
Result<void> settle(Operator& op, const Output& output);

struct EraseRequest {
    std::string message;  // id
    std::string reason;   // "request", "mistake", "order"
    std::string from{};   // the mailbox that sent it; empty: refused where several have that id
};
Result<void> erase(Operator& op, const EraseRequest& request, const Output& output);

struct IndicatorsRequest {
    relais::indicators::PeriodRequest period;
    bool csv = false;
    bool definitions = false;
};
// Of the running broker, which notes the reading in a leaf. Errors: usage  a period that is not
// whole months.
Result<void> indicators(Operator& op, const IndicatorsRequest& request, const Output& output);
// What each figure counts, as people read it, of the kinds of the domain that is configured, or
// where none is, of those installed beside this program. Nobody is asked, and nothing is counted.
// Errors: not_found  no configuration, and no kinds beside the program; those of either.
Result<void> define_indicators(const std::filesystem::path& config_file, const Output& output);

}  // namespace relais::admin
