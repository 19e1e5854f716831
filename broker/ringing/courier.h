// courier.h: one mail, or one webhook, over the network, through libcurl. Certificates are
// verified, redirections are not followed, proxies of the environment are not asked, and the answer
// of the other side is read up to a bound and thrown away.
//
// Thread rule: one thread at a time; each call waits, up to its time limit or until `stopped`.
#pragma once

#include <atomic>
#include <string>

#include "broker/ringing/options.h"
#include "core/base/result.h"

namespace relais::broker {

class Courier {
public:
    Courier(const RingingOptions& options, const std::atomic<bool>& stopped)
        : options_(options), stopped_(stopped) {}

    struct Hook {
        std::string url;
        std::string body;
        std::string key;        // the broker's public key, hex
        std::string signature;  // base64
    };
    // Errors, of both: bad_configuration  no relay is named;
    //   unreachable, timed_out, bad_signature  no connection, none in time, none that is sure;
    //   wrong_passphrase  the relay refuses the credentials;
    //   busy, unknown_recipient  the other side refuses it for now, or for good;
    //   forbidden  an address that must not be reached (address_guard.h); shutting_down.
    Result<void> mail(const std::string& to, const std::string& text);
    Result<void> post(const Hook& hook);

    // Before any thread is made, once a process.
    static void begin_process();

private:
    const RingingOptions& options_;
    const std::atomic<bool>& stopped_;
};

}  // namespace relais::broker
