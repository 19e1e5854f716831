#include "tests/unit/clients/station/sync/fixture.h"

#include <fstream>

#include "clients/station/seal/content.h"
#include "clients/station/seal/envelope_seal.h"
#include "core/base/limits.h"
#include "core/crypto/sha256.h"
#include "core/merkle/checkpoint.h"
#include "core/merkle/tree.h"
#include "schemas/compiler/compiler.h"
#include "schemas/forms/forms.h"

namespace relais::station {

namespace {

Ed25519Key fixed_log_key() {
    Secret seed(32);
    for (auto& byte : seed.expose_mutable()) byte = 5;
    return Ed25519Key::from_seed(seed).value();
}

merkle::VerifierKey log_verifier(const Ed25519Key& key) {
    return merkle::VerifierKey::make("indre/directory", merkle::NoteKeyType::ed25519,
                                     key.public_key())
        .value();
}

bool is(const std::vector<bool>& damaged, Damage damage) {
    return damaged[static_cast<std::size_t>(damage)];
}

}  // namespace

World::World()
    : log_key_(fixed_log_key()),
      kind_digest_(sha256(bundle())),
      incarnation_(territory_.random().make<Incarnation>()) {
    directory::Domain domain = territory_.domain_body();
    domain.directory_log = log_key_.public_key();
    domain.test = true;
    territory_.append("", *territory_.authority(), domain);
    territory_.publish_kind(territory_.cpts, "admission", 1, kind_digest_);
    add_epoch(territory_.hospital, "geriatrie", 2, territory_.geriatrics_station);
    add_epoch(territory_.practice, "", 2, territory_.practice_station);

    Secret row_key(32);
    store_ = StationStore::open(folder_.file("station.db"), Database::Mode::create,
                                RowSealer(std::move(row_key), system_random_))
                 .value();
    replica_ = std::make_unique<Replica>(territory_.domain(), territory_.state().authority());
    kinds_ = std::make_unique<KindShelf>(*store_);
    keyring_ = std::make_unique<Keyring>(*store_, *territory_.geriatrics_station.sealing);
    judge_ = std::make_unique<Judge>(*store_, *replica_, *kinds_, *keyring_, territory_.verifier());
    catch_up();
    store_->add_bundle(kind_digest_, bundle()).value();
    keyring_->learn(replica_->state(), territory_.geriatrics_station.id).value();
}

const Bytes& World::bundle() {
    static const Bytes bytes =
        compiler::compile_kind(RELAIS_SOURCE_DIR "/schemas/kinds/admission").value();
    return bytes;
}

void World::add_epoch(const test::TestOrganisation& organisation, const std::string& unit,
                      std::uint64_t number, const test::TestStation& station) {
    const Address mailbox = Address::of(unit, organisation.name, territory_.domain());
    const test::TestKey key = territory_.make_key();
    directory::Epoch epoch = territory_.epoch_body(unit, number);
    epoch.key = key->public_key();
    epoch.grants.push_back(
        seal::seal_grant(*key, mailbox, {number}, station.id, station.station.sealing).value());
    territory_.append(organisation.name.text(), *organisation.authority, epoch);
    epochs_[{mailbox.text(), number}] = key;
}

std::vector<Bytes> World::log_bytes(std::size_t from) const {
    std::vector<Bytes> all;
    for (std::size_t i = from; i < territory_.log().size(); ++i) {
        all.push_back(territory_.log()[i].bytes);
    }
    return all;
}

std::string World::checkpoint(const std::vector<Bytes>& entries) const {
    std::vector<Digest> leaves;
    for (const Bytes& entry : entries) leaves.push_back(merkle::leaf_hash(entry));
    Ed25519Key key = Ed25519Key::from_seed(log_key_.seed()).value();
    return merkle::sign_checkpoint({"indre/directory", leaves.size(), merkle::tree_root(leaves)},
                                   log_verifier(log_key_), key)
        .value();
}

void World::catch_up() {
    const DirectorySize size = replica_->size();
    replica_->append(*store_, size, log_bytes(size.value), checkpoint(), territory_.verifier())
        .value();
}

Replica World::reloaded() const {
    Replica again(territory_.domain(), territory_.state().authority());
    again.load(*store_).value();
    return again;
}

Bytes World::form(const std::string& act, const std::string& form_name) const {
    std::ifstream file(std::string(RELAIS_SOURCE_DIR "/schemas/kinds/admission/examples/") + act +
                       ".json");
    const LoadedKind kind = load_kind(bundle()).value();
    forms::Findings findings;
    return forms::encode(kind.forms.at(form_name), nlohmann::json::parse(file),
                         InsEnvironment::test, findings)
        .value();
}

EnvelopeEntry World::make(const ActDraft& draft) {
    return make(draft, std::vector<bool>(kDamages, false));
}

EnvelopeEntry World::make(const ActDraft& draft, const std::vector<bool>& damaged) {
    auto& random = territory_.random();
    Header header = test::make_header({.act = draft.act,
                                       .kind = draft.kind.value_or(kind_digest_),
                                       .by = draft.by.value_or(territory_.doctor.id),
                                       .station = territory_.practice_station.id,
                                       .thread = draft.thread,
                                       .lane = draft.lane,
                                       .publics = draft.publics,
                                       .head = draft.head.value_or(replica_->head()),
                                       .counter = draft.counter},
                                      random);
    header.to.front().attention = draft.attention;
    if (draft.delegate) {
        header.to = {{territory_.cardiology.mailbox, draft.counter},
                     {ward_, draft.counter, Standing::delegate, std::nullopt, 1}};
    }
    Bytes payload = draft.payload.empty() ? form("call", "Call") : draft.payload;
    if (is(damaged, Damage::form)) payload = random.bytes(200);
    seal::PaddedContent content = seal::pad_content(payload, random).value();
    if (draft.padded || is(damaged, Damage::padding)) {
        content.bytes = Secret::copy_of(draft.padded.value_or(random.bytes(512)));
        content.digest = sha256(content.bytes.expose());
    }
    header.content_bytes = static_cast<std::uint32_t>(content.bytes.size());
    header.content_digest = content.digest;
    if (is(damaged, Damage::digest)) header.content_digest = random.make<Digest>();
    if (is(damaged, Damage::kind)) header.publics = {{1, 99}};
    if (is(damaged, Damage::head)) header.head.root = random.make<Digest>();

    const test::TestKey wrong = territory_.make_key();
    test::TestKey key = draft.key ? draft.key : territory_.doctor.key;
    if (is(damaged, Damage::signature)) key = wrong;
    SignedHeader signed_header = test::sign_header(header, *key);
    const Digest digest = header_digest(signed_header.bytes);

    const Secret content_key = seal::make_content_key(random);
    Bytes ciphertext = seal::encrypt_content(content_key, digest, content.bytes);
    if (is(damaged, Damage::content)) ciphertext[40] ^= 1;
    if (is(damaged, Damage::shape)) ciphertext.push_back(0);
    const auto epoch = epochs_.find({ward_.text(), draft.epoch.value});
    const bool to_epoch = epoch != epochs_.end() && !is(damaged, Damage::box);
    const P256Public to = to_epoch ? epoch->second->public_key() : wrong->public_key();
    const std::uint16_t position = draft.delegate ? 2 : 1;
    KeyBox box = seal::seal_box(content_key, digest, position, ward_, draft.epoch, to,
                                box_release(header, position, Release::at_once))
                     .value();
    return {std::move(signed_header),
            std::move(ciphertext),
            std::move(box),
            {test::kTestTime, draft.at.value_or(territory_.state().size()), {7}, {}},
            false};
}

wire::Delivery World::delivery(const EnvelopeEntry& entry) {
    return {ward_, incarnation_, Lane::urgent, {next_seq_++}, entry};
}

ErrorCode World::received(const EnvelopeEntry& entry) {
    return judge_->receive(delivery(entry)).value();
}

}  // namespace relais::station
