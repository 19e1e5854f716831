// local_client.h: asks a broker through a local stream socket (broker/server/local_socket.h), one
// request at a time. Used by the operator's tools, the health page and the enrolment process. One
// thread.
#pragma once

#include <chrono>
#include <filesystem>

#include "schemas/wire/frame.h"

namespace relais::broker {

class LocalClient {
public:
    // Errors: unreachable  no broker listens there, or it does not let this user in.
    static Result<LocalClient> connect(const std::filesystem::path& socket_path);
    // Takes a connected descriptor.
    static LocalClient adopt(int descriptor) { return LocalClient(descriptor); }

    LocalClient(LocalClient&& other) noexcept;
    LocalClient& operator=(LocalClient&&) = delete;
    ~LocalClient();

    // For callers that ask again until something has happened.
    static void pause(std::chrono::milliseconds time);

    // The reply to a request. A Refusal becomes an error with its code and detail.
    // Errors: timed_out; unreachable  the broker is gone; and what was refused.
    Result<wire::Body> ask(wire::Body request,
                           std::chrono::milliseconds patience = std::chrono::seconds(30));

    // The reply as that body. Errors: as ask; malformed  another body.
    template <typename Reply>
    Result<Reply> ask_for(wire::Body request) {
        RELAIS_ASSIGN(wire::Body body, ask(std::move(request)));
        auto* reply = std::get_if<Reply>(&body);
        if (reply == nullptr) return fail(ErrorCode::malformed, "another reply than expected");
        return std::move(*reply);
    }

private:
    explicit LocalClient(int descriptor) : descriptor_(descriptor) {}
    Result<Bytes> read_exactly(std::size_t count, std::chrono::steady_clock::time_point until);

    int descriptor_;
    std::uint64_t last_number_ = 0;
};

}  // namespace relais::broker
