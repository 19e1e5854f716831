// limits.h: every bound of the system, the unit in the name. Checked where data enters.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace relais::limits {

// Frames and envelopes.
inline constexpr std::size_t kFrameBytesMax = 1 << 20;
inline constexpr std::size_t kHeaderBytesMax = 12 * 1024;  // of 64 recipients, all names longest
inline constexpr std::size_t kContentPaddedBytesMin = 512;
inline constexpr std::size_t kContentPaddedBytesMax = 512 * 1024;
inline constexpr std::size_t kRecipientsMax = 64;
inline constexpr std::size_t kGroupsPerHeaderMax = 8;
inline constexpr std::size_t kGroupReadersMax = 3000;  // of one post, all its groups together
inline constexpr std::size_t kPublicFieldsMax = 16;
inline constexpr std::size_t kBatchSignedMax = 256;  // headers under one signature
inline constexpr std::size_t kBatchPathMax = 8;      // log2(kBatchSignedMax)

// FlatBuffers: what the verifier and the walkers accept.
inline constexpr std::uint32_t kTableDepthMax = 24;
inline constexpr std::uint32_t kTablesMax = 4096;

// Forms: what a walk may visit.
inline constexpr std::size_t kFormElementsMax = 5000;
inline constexpr std::size_t kFormDepthMax = 8;
inline constexpr std::size_t kFormBytesMax = 256 * 1024;
inline constexpr std::size_t kFormFieldsMax = 512;  // described, nested ones included
inline constexpr std::size_t kFormSchemaBytesMax = 128 * 1024;
inline constexpr std::size_t kFormFindingsMax = 200;
inline constexpr std::size_t kChoicesMax = 100;  // values of one enumeration
inline constexpr std::size_t kTextLineBytesDefault = 500;
inline constexpr std::size_t kTextLinesBytesDefault = 4000;
inline constexpr std::size_t kTextBytesMax = 20'000;
inline constexpr std::size_t kItemsDefault = 50;  // of one repeated field
inline constexpr std::size_t kItemsMax = 500;
inline constexpr std::size_t kHelpBytesMax = 400;
inline constexpr std::size_t kIdentifierTextBytesMax = 64;  // as typed, with its separators

// Positions, sequences, counters and epochs in what others send: SQLite's integers are signed.
inline constexpr std::uint64_t kNumberMax = INT64_MAX;

// Lists in frames, and the text beside an error code.
inline constexpr std::size_t kEntriesPerFrameMax = 256;
inline constexpr std::size_t kDetailBytesMax = 300;

// Names.
inline constexpr std::size_t kNameBytesMax = 40;    // domain, organisation, unit: one slug
inline constexpr std::size_t kTitleBytesMax = 120;  // text shown to people
inline constexpr std::size_t kAddressBytesMax = 3 * kNameBytesMax + 2;  // without a group's '#'

// Directory.
inline constexpr std::size_t kEntryBytesMax = 32 * 1024;
inline constexpr std::size_t kGrantsMax = 128;
inline constexpr std::size_t kPersonsPerStationMax = 256;
inline constexpr std::size_t kUnitsPerStationMax = 64;
inline constexpr std::size_t kOpeningPeriodsMax = 32;  // of one unit
inline constexpr std::size_t kRingStepsMax = 8;        // of one unit
inline constexpr std::size_t kAbsencePeriodsMax = 16;  // of one unit
inline constexpr std::size_t kGroupMembersMax = 3000;
inline constexpr std::size_t kGroupPostersMax = 64;
inline constexpr std::size_t kMembershipsPerEntryMax = 128;  // that come and go with one entry
inline constexpr std::size_t kRingTargetBytesMax = 254;
inline constexpr std::chrono::seconds kRingAfterMax = std::chrono::hours(48);
inline constexpr std::size_t kKindBundleBytesMax = 512 * 1024;

// Kinds of exchange: what a declaration may hold.
inline constexpr std::size_t kKindStatesMax = 16;  // of a thread; of a party
inline constexpr std::size_t kKindRolesMax = 16;
inline constexpr std::size_t kKindActsMax = 32;
inline constexpr std::size_t kKindClocksMax = 8;
inline constexpr std::size_t kKindRowsMax = 256;
inline constexpr std::size_t kKindStepsMax = 16;  // guards, or effects, of one row
inline constexpr std::size_t kKindFormsMax = 64;
inline constexpr std::size_t kKindRegistersMax = 8;
inline constexpr std::size_t kKindInformationMax = 16;  // paragraphs
inline constexpr std::size_t kClockLengthsMax = 16;
inline constexpr std::size_t kRegisterKeyPartsMax = 6;
inline constexpr std::size_t kRegisterKeyBytesMax = 400;
inline constexpr std::size_t kParagraphBytesMax = 1000;
inline constexpr std::int64_t kPublicValueMax = 1'000'000'000;

// Sessions: what one connected station may have under way.
inline constexpr std::uint32_t kCreditEntriesMax = 256;  // per lane
inline constexpr std::size_t kInFlightEntriesMax = 768;  // deliveries not yet acknowledged
inline constexpr std::size_t kInFlightBytesMax = 4 << 20;
inline constexpr std::size_t kRequestsInFlightMax = 1024;  // per station, as it counts them
inline constexpr std::size_t kRequestsWaitingMax = 2048;   // per station; beyond: disconnected
inline constexpr std::size_t kStalledLanesMax = 4096;      // that wait for a message to pass
inline constexpr std::size_t kSubscriptionsMax = 65;       // its mailboxes and the directory

// Server: what waits between the socket and the engine.
inline constexpr std::size_t kPipelineFramesMax = 8192;
inline constexpr std::size_t kPipelineBytesMax = 64 << 20;
inline constexpr std::size_t kBatchFramesMax = 1024;  // one engine step
inline constexpr std::size_t kBatchBytesMax = 16 << 20;

// Attachments.
inline constexpr std::size_t kChunkBytes = 256 * 1024;  // of a file, in one chunk
inline constexpr std::size_t kChunkPaddedBytesMin = 4 * 1024;
inline constexpr std::size_t kChunkSealedBytesMax = kChunkBytes + 16;
inline constexpr std::size_t kChunksPerEnvelopeMax = 1024;
inline constexpr std::size_t kAttachedFilesMax = 32;
inline constexpr std::size_t kAttachedFilesBytesMax = 32 * 1024;    // of the list, not the files
inline constexpr std::uint64_t kAttachmentBytesDefault = 50 << 20;  // of one envelope
inline constexpr std::size_t kChunksInFlightMax = 8;                // of one station, being written
inline constexpr std::size_t kChunksWrittenAtOnceMax = 128;
inline constexpr std::chrono::seconds kChunkUnreferencedKept{24 * 3600};
inline constexpr std::size_t kChunkReadsWaitingMax = 8;         // of one session
inline constexpr std::chrono::seconds kChunkFetchWindow{3600};  // counted together, not one by one
inline constexpr std::size_t kChunkFetchesKnownMax = 32'768;    // station and chunk, in a window

// Ringing: calls under way at once, by lane: routine, urgent, crisis. All count; what a lane has
// beyond the one before it is for it and those more urgent.
inline constexpr std::size_t kRingCallsMax[] = {16, 24, 32};
inline constexpr std::size_t kRingCallsToRelayMax[] = {8, 12, 16};
inline constexpr std::size_t kRingCallsToHostMax[] = {2, 3, 4};
inline constexpr std::size_t kRingCallsOfOrganisationMax[] = {4, 6, 8};  // that named the target

// Connections: what one may make libzmq keep for it, outside of its own bounds, and how many there
// may be (broker/connections/connection_guard.h).
inline constexpr std::size_t kStrangersMax = 1024;  // that have not said a frame yet
inline constexpr std::chrono::seconds kFirstFrameWithin{20};
inline constexpr std::size_t kStrangerBytesMax = 64 * 1024;   // received before its first frame
inline constexpr std::size_t kUnfinishedBytesMax = 2 << 20;   // since its last whole message
inline constexpr std::size_t kUnreadBytesMax = 64 << 20;      // said to it, not yet received
inline constexpr std::size_t kUnreadBytesAllMax = 512 << 20;  // to all; the greatest is cut
inline constexpr std::size_t kDescriptorsReserved = 256;      // files, pages, local sockets
inline constexpr std::size_t kEnrolmentConnectionsMax = 256;  // of strangers with a token
inline constexpr std::chrono::seconds kEnrolmentConversation{60};  // then it begins anew

// Time.
inline constexpr std::chrono::seconds kExpiresMax{90 * 24 * 3600};
inline constexpr std::chrono::seconds kExpiresMin{60};
inline constexpr std::chrono::seconds kDedupKeptAfterExpiry{30 * 24 * 3600};
inline constexpr std::chrono::seconds kOldEpochAccepted{7 * 24 * 3600};
inline constexpr std::chrono::seconds kEpochLifetime{90 * 24 * 3600};
inline constexpr std::chrono::seconds kClockStepTolerated{120};
inline constexpr std::chrono::seconds kCheckpointEvery{2};

// Reconciliation by days.
inline constexpr std::int32_t kDaysKept = 62;       // of counts and statements, at the broker
inline constexpr std::int32_t kDaysStatedMax = 35;  // that a station states at once, after a pause
inline constexpr std::int32_t kDayNumberMax = 2932896;  // 9999-12-31
inline constexpr std::uint32_t kDayStatedMax = 32;      // times, with other counts, by one station
inline constexpr std::chrono::seconds kDayOverAfter{600};  // its end: more than a step tolerated
inline constexpr std::size_t kFindingsMax = 400;           // of one reckoning; beyond: counted
inline constexpr std::chrono::seconds kReckonAgainAfter{3600};  // where a day is found to differ

// Enrolment.
inline constexpr std::size_t kInvitationsOpenMax = 4096;
inline constexpr std::size_t kInvitationsOfOneMax = 64;        // of one organisation, open at once
inline constexpr std::size_t kProposalsPerInvitationMax = 16;  // not decided yet; and refused ones
inline constexpr std::size_t kProposalBytesMax = 64 * 1024;
inline constexpr std::size_t kProposalBytesPerInvitationMax = 256 * 1024;  // not decided yet
inline constexpr std::chrono::seconds kInvitationLifetimeMax{14 * 24 * 3600};

// Backup and restore.
inline constexpr std::size_t kBackupRecordBytes = 1 << 20;  // plain, of one sealed record
inline constexpr std::size_t kBackupFilesMax = 4'000'000;
inline constexpr std::size_t kCitedNoteBytesMax = 8 * 1024;  // a head cited by a leaf
inline constexpr std::size_t kCitationsMax = 16;             // of one restore, for one station
// How long an act that is offered again may wait for those it answers.
inline constexpr std::chrono::seconds kOfferedAgainWaits{3600};

// Passphrases (scrypt, RFC 7914): 128 MiB and about a third of a second.
inline constexpr unsigned kScryptLog2N = 17;
inline constexpr unsigned kScryptR = 8;
inline constexpr unsigned kScryptP = 1;
inline constexpr std::size_t kPassphraseCharactersMin = 12;

// Notes and proofs.
inline constexpr std::size_t kNoteBytesMax = 64 * 1024;
inline constexpr std::size_t kNoteSignaturesMax = 64;
inline constexpr std::size_t kProofHashesMax = 63;
inline constexpr std::size_t kProofFileBytesMax = 128 * 1024;  // a note, its path, extra data
inline constexpr std::size_t kNoteKeyNameBytesMax = 255;

// Witnesses. A note has room for the log's signature and theirs.
inline constexpr std::size_t kWitnessesMax = 48;
inline constexpr std::size_t kWitnessesOfOrganisationMax = 3;
inline constexpr std::size_t kWitnessOrganisationsMax = 16;  // that a domain may ask for
inline constexpr std::size_t kCosignatureLineBytesMax = 512;
inline constexpr std::chrono::seconds kWitnessLateMin{60};
inline constexpr std::chrono::seconds kWitnessLateMax{30 * 24 * 3600};
inline constexpr std::chrono::seconds kCosignEvery{2};  // of one log by one witness
inline constexpr std::chrono::seconds kCosignatureSkew{
    600};                                                  // of a witness's clock and the broker's
inline constexpr std::size_t kContradictionsKeptMax = 64;  // evidence that a station keeps

}  // namespace relais::limits
