// members.h: the number of members of each struct of schemas/, for same(). Whoever adds a member to
// one raises its number here, and its round trip is tested with the new member.
#pragma once

#include "schemas/audit/leaf.h"
#include "schemas/directory/entries.h"
#include "schemas/envelope/notice.h"
#include "schemas/envelope/statements.h"
#include "schemas/wire/enrolment.h"
#include "schemas/wire/frame.h"
#include "schemas/workflow/decide.h"
#include "tests/support/same.h"

namespace relais::test {

// Envelopes and what is said of them.
template <>
inline constexpr int kMembers<Recipient> = 5;
template <>
inline constexpr int kMembers<PublicField> = 2;
template <>
inline constexpr int kMembers<Header> = 20;
template <>
inline constexpr int kMembers<HeaderSignature> = 4;
template <>
inline constexpr int kMembers<SignedHeader> = 2;
template <>
inline constexpr int kMembers<KeyBox> = 7;
template <>
inline constexpr int kMembers<Statement> = 2;
template <>
inline constexpr int kMembers<EntryFault> = 2;
template <>
inline constexpr int kMembers<DeliveredStatement> = 8;
template <>
inline constexpr int kMembers<OpenedStatement> = 6;
template <>
inline constexpr int kMembers<PersonMark> = 6;
template <>
inline constexpr int kMembers<DeliveredItem> = 3;
template <>
inline constexpr int kMembers<Notice> = 13;
template <>
inline constexpr int kMembers<Reckoning> = 8;
template <>
inline constexpr int kMembers<Finding> = 5;
template <>
inline constexpr int kMembers<DayStatement> = 5;

// Entries of mailboxes; leaves.
template <>
inline constexpr int kMembers<Accepted> = 4;
template <>
inline constexpr int kMembers<EnvelopeEntry> = 6;
template <>
inline constexpr int kMembers<NoticeEntry> = 1;
template <>
inline constexpr int kMembers<MarkedEntry> = 1;
template <>
inline constexpr int kMembers<Tombstone> = 2;
template <>
inline constexpr int kMembers<Leaf> = 17;
template <>
inline constexpr int kMembers<EnrolmentProposal> = 5;

// Frames.
template <>
inline constexpr int kMembers<wire::Hello> = 2;
template <>
inline constexpr int kMembers<wire::Submit> = 2;
template <>
inline constexpr int kMembers<wire::LaneCursor> = 2;
template <>
inline constexpr int kMembers<wire::Attach> = 3;
template <>
inline constexpr int kMembers<wire::Acknowledge> = 1;
template <>
inline constexpr int kMembers<wire::MarkEntry> = 2;
template <>
inline constexpr int kMembers<wire::FollowDirectory> = 1;
template <>
inline constexpr int kMembers<wire::AppendEntries> = 1;
template <>
inline constexpr int kMembers<wire::PublishBundle> = 1;
template <>
inline constexpr int kMembers<wire::FetchBundle> = 1;
template <>
inline constexpr int kMembers<wire::FetchProof> = 2;
template <>
inline constexpr int kMembers<wire::FetchConsistency> = 2;
template <>
inline constexpr int kMembers<wire::OpenInvitation> = 3;
template <>
inline constexpr int kMembers<wire::FetchProposals> = 0;
template <>
inline constexpr int kMembers<wire::DecideProposal> = 4;
template <>
inline constexpr int kMembers<wire::AskStatus> = 0;
template <>
inline constexpr int kMembers<wire::Probe> = 0;
template <>
inline constexpr int kMembers<wire::FetchLeaves> = 2;
template <>
inline constexpr int kMembers<wire::FetchCheckpoints> = 2;
template <>
inline constexpr int kMembers<wire::Administer> = 5;
template <>
inline constexpr int kMembers<wire::Welcome> = 9;
template <>
inline constexpr int kMembers<wire::Restored> = 4;
template <>
inline constexpr int kMembers<wire::OfferAgain> = 6;
template <>
inline constexpr int kMembers<wire::Done> = 1;
template <>
inline constexpr int kMembers<wire::LaneEnd> = 2;
template <>
inline constexpr int kMembers<wire::Attached> = 2;
template <>
inline constexpr int kMembers<wire::Receipt> = 3;
template <>
inline constexpr int kMembers<wire::Refusal> = 4;
template <>
inline constexpr int kMembers<wire::StateDay> = 1;
template <>
inline constexpr int kMembers<wire::DayCounted> = 4;
template <>
inline constexpr int kMembers<wire::Bundle> = 1;
template <>
inline constexpr int kMembers<wire::Proof> = 4;
template <>
inline constexpr int kMembers<wire::Consistency> = 5;
template <>
inline constexpr int kMembers<wire::Status> = 1;
template <>
inline constexpr int kMembers<wire::Probed> = 2;
template <>
inline constexpr int kMembers<wire::Leaves> = 2;
template <>
inline constexpr int kMembers<wire::Checkpoints> = 1;
template <>
inline constexpr int kMembers<wire::Proposal> = 3;
template <>
inline constexpr int kMembers<wire::Proposals> = 1;
template <>
inline constexpr int kMembers<wire::Delivery> = 5;
template <>
inline constexpr int kMembers<wire::DirectoryEntries> = 3;
template <>
inline constexpr int kMembers<wire::Cut> = 1;
template <>
inline constexpr int kMembers<wire::FollowCheckpoints> = 2;
template <>
inline constexpr int kMembers<wire::Cosign> = 3;
template <>
inline constexpr int kMembers<wire::NewCheckpoint> = 4;
template <>
inline constexpr int kMembers<wire::FetchRegister> = 3;
template <>
inline constexpr int kMembers<wire::RegisterEntry> = 4;
template <>
inline constexpr int kMembers<wire::RegisterEntries> = 3;
template <>
inline constexpr int kMembers<wire::Enrol> = 3;
template <>
inline constexpr int kMembers<wire::EnrolmentStatus> = 2;
template <>
inline constexpr int kMembers<wire::EnrolmentDecision> = 3;
template <>
inline constexpr int kMembers<wire::PutChunk> = 2;
template <>
inline constexpr int kMembers<wire::AskChunks> = 1;
template <>
inline constexpr int kMembers<wire::FetchChunk> = 3;
template <>
inline constexpr int kMembers<wire::ChunksMissing> = 1;
template <>
inline constexpr int kMembers<wire::Chunk> = 2;
template <>
inline constexpr int kMembers<wire::Frame> = 2;

// Directory entries.
template <>
inline constexpr int kMembers<directory::Registrar> = 2;
template <>
inline constexpr int kMembers<directory::Domain> = 10;
template <>
inline constexpr int kMembers<directory::Admission> = 5;
template <>
inline constexpr int kMembers<directory::Suspension> = 2;
template <>
inline constexpr int kMembers<directory::Organisation> = 6;
template <>
inline constexpr int kMembers<directory::AuthorityReplaced> = 4;
template <>
inline constexpr int kMembers<directory::Person> = 8;
template <>
inline constexpr int kMembers<directory::Station> = 7;
template <>
inline constexpr int kMembers<calendar::OpeningPeriod> = 3;
template <>
inline constexpr int kMembers<calendar::Hours> = 3;
template <>
inline constexpr int kMembers<directory::RingStep> = 4;
template <>
inline constexpr int kMembers<directory::Unit> = 8;
template <>
inline constexpr int kMembers<directory::Grant> = 3;
template <>
inline constexpr int kMembers<directory::Epoch> = 4;
template <>
inline constexpr int kMembers<directory::GrantsAdded> = 3;
template <>
inline constexpr int kMembers<directory::Mandate> = 5;
template <>
inline constexpr int kMembers<directory::Revocation> = 4;
template <>
inline constexpr int kMembers<directory::Confirmation> = 2;
template <>
inline constexpr int kMembers<directory::Attestation> = 6;
template <>
inline constexpr int kMembers<directory::KindPublished> = 5;
template <>
inline constexpr int kMembers<directory::Witness> = 3;
template <>
inline constexpr int kMembers<directory::WitnessPolicy> = 2;
template <>
inline constexpr int kMembers<directory::Group> = 5;
template <>
inline constexpr int kMembers<directory::Membership> = 3;
template <>
inline constexpr int kMembers<directory::PackPublished> = 5;
template <>
inline constexpr int kMembers<directory::Absence> = 2;
template <>
inline constexpr int kMembers<directory::Entry> = 7;

// Threads.
template <>
inline constexpr int kMembers<workflow::Party> = 6;
template <>
inline constexpr int kMembers<workflow::Done> = 3;
template <>
inline constexpr int kMembers<workflow::Thread> = 12;

}  // namespace relais::test
