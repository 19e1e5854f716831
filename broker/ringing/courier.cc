#include "broker/ringing/courier.h"

#include <curl/curl.h>
#include <sys/socket.h>

#include <algorithm>
#include <memory>

#include "broker/ringing/address_guard.h"
#include "core/base/check.h"

namespace relais::broker {

namespace {

constexpr long kConnectSeconds = 5;
constexpr long kWholeSeconds = 15;
constexpr std::size_t kAnswerBytesMax = 64 * 1024;

enum class Reach { anywhere, public_only, loopback_only };

// One transfer.
struct Call {
    CURL* handle = nullptr;
    curl_slist* headers = nullptr;
    curl_slist* recipients = nullptr;
    Reach reach = Reach::anywhere;
    bool kept_away = false;  // some address was refused
    std::size_t answered = 0;
    std::string_view unsent{};  // of a mail
    const std::atomic<bool>* stopped = nullptr;

    Call() : handle(curl_easy_init()) { RELAIS_CHECK(handle != nullptr); }
    ~Call() {
        curl_slist_free_all(headers);
        curl_slist_free_all(recipients);
        curl_easy_cleanup(handle);
    }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

    template <typename Value>
    void set(CURLoption option, Value value) {
        RELAIS_CHECK(curl_easy_setopt(handle, option, value) == CURLE_OK);
    }
    void header(const std::string& line) { headers = curl_slist_append(headers, line.c_str()); }
};

// The address itself is judged, after every look-up: a name may mean another one each time.
curl_socket_t open_socket(void* context, curlsocktype, curl_sockaddr* address) {
    auto& call = *static_cast<Call*>(context);
    const bool good = call.reach == Reach::anywhere ||
                      (call.reach == Reach::public_only && is_public_address(address->addr)) ||
                      (call.reach == Reach::loopback_only && is_loopback_address(address->addr));
    if (!good) {
        call.kept_away = true;
        return CURL_SOCKET_BAD;
    }
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

std::size_t drop_answer(char*, std::size_t size, std::size_t count, void* context) {
    auto& call = *static_cast<Call*>(context);
    call.answered += size * count;
    return call.answered > kAnswerBytesMax ? 0 : size * count;
}

std::size_t give_mail(char* buffer, std::size_t size, std::size_t count, void* context) {
    auto& call = *static_cast<Call*>(context);
    const std::size_t given = std::min(size * count, call.unsent.size());
    std::copy_n(call.unsent.begin(), given, buffer);
    call.unsent.remove_prefix(given);
    return given;
}

int look_up_from_work(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return *static_cast<Call*>(context)->stopped ? 1 : 0;
}

void prepare(Call& call, const std::string& url, const char* protocols, const std::string& ca,
             const std::atomic<bool>& stopped) {
    call.stopped = &stopped;
    call.set(CURLOPT_URL, url.c_str());
    call.set(CURLOPT_PROTOCOLS_STR, protocols);
    call.set(CURLOPT_PROXY, "");
    call.set(CURLOPT_NOSIGNAL, 1L);
    call.set(CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
    call.set(CURLOPT_TIMEOUT, kWholeSeconds);
    call.set(CURLOPT_FOLLOWLOCATION, 0L);
    call.set(CURLOPT_SSL_VERIFYPEER, 1L);
    call.set(CURLOPT_SSL_VERIFYHOST, 2L);
    call.set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!ca.empty()) call.set(CURLOPT_CAINFO, ca.c_str());
    call.set(CURLOPT_OPENSOCKETFUNCTION, &open_socket);
    call.set(CURLOPT_OPENSOCKETDATA, static_cast<void*>(&call));
    call.set(CURLOPT_WRITEFUNCTION, &drop_answer);
    call.set(CURLOPT_WRITEDATA, static_cast<void*>(&call));
    call.set(CURLOPT_NOPROGRESS, 0L);
    call.set(CURLOPT_XFERINFOFUNCTION, &look_up_from_work);
    call.set(CURLOPT_XFERINFODATA, static_cast<void*>(&call));
}

// What the other side said of it, where it got as far.
Result<void> verdict_of(long status, bool http) {
    const bool good = http ? status >= 200 && status < 300 : status >= 200 && status < 400;
    if (good) return {};
    const std::string said = "answered " + std::to_string(status);
    const bool for_now = http ? status >= 500 || status == 429 : status < 500;
    return fail(for_now ? ErrorCode::busy : ErrorCode::unknown_recipient, said);
}

Result<void> outcome_of(const Call& call, CURLcode code, bool http) {
    long status = 0;
    curl_easy_getinfo(call.handle, CURLINFO_RESPONSE_CODE, &status);
    switch (code) {
        case CURLE_OK: return verdict_of(status, http);
        case CURLE_ABORTED_BY_CALLBACK: return fail(ErrorCode::shutting_down);
        case CURLE_OPERATION_TIMEDOUT: return fail(ErrorCode::timed_out);
        case CURLE_LOGIN_DENIED: return fail(ErrorCode::wrong_passphrase);
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_USE_SSL_FAILED: return fail(ErrorCode::bad_signature, curl_easy_strerror(code));
        case CURLE_COULDNT_CONNECT:
            if (call.kept_away) return fail(ErrorCode::forbidden, "an address that is not public");
            break;
        case CURLE_URL_MALFORMAT:
        case CURLE_UNSUPPORTED_PROTOCOL: return fail(ErrorCode::forbidden, "not such a URL");
        default: break;
    }
    if (http && code == CURLE_WRITE_ERROR && status != 0) return verdict_of(status, http);
    if (!http && status >= 400) return verdict_of(status, http);
    return fail(ErrorCode::unreachable, curl_easy_strerror(code));
}

// Empty where there is none.
std::string host_of(const std::string& url) {
    const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> parsed(curl_url(), &curl_url_cleanup);
    char* part = nullptr;
    if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) return "";
    if (curl_url_get(parsed.get(), CURLUPART_HOST, &part, 0) != CURLUE_OK) return "";
    std::string host = part;
    curl_free(part);
    return host;
}

}  // namespace

void Courier::begin_process() { RELAIS_CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK); }

Result<void> Courier::mail(const std::string& to, const std::string& text) {
    if (options_.relay.empty()) return fail(ErrorCode::bad_configuration, "no relay for mail");
    Call call;
    // The path is the name that this side gives itself.
    const std::string name = options_.from.substr(options_.from.find('@') + 1);
    prepare(call, options_.relay + "/" + name, "smtp,smtps", options_.ca, stopped_);
    if (!options_.tls) call.reach = Reach::loopback_only;
    call.set(CURLOPT_USE_SSL, static_cast<long>(options_.tls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
    const std::string from = "<" + options_.from + ">";
    const std::string recipient = "<" + to + ">";
    call.recipients = curl_slist_append(nullptr, recipient.c_str());
    call.set(CURLOPT_MAIL_FROM, from.c_str());
    call.set(CURLOPT_MAIL_RCPT, call.recipients);
    if (!options_.user.empty()) {
        Secret password(options_.password.size() + 1);  // ended by a zero
        std::ranges::copy(options_.password.expose(), password.expose_mutable().begin());
        call.set(CURLOPT_USERNAME, options_.user.c_str());
        call.set(CURLOPT_PASSWORD, as_text(password.expose()).data());
    }
    call.unsent = text;
    call.set(CURLOPT_READFUNCTION, &give_mail);
    call.set(CURLOPT_READDATA, static_cast<void*>(&call));
    call.set(CURLOPT_UPLOAD, 1L);
    return outcome_of(call, curl_easy_perform(call.handle), false);
}

Result<void> Courier::post(const Hook& hook) {
    Call call;
    prepare(call, hook.url, "https", options_.ca, stopped_);
    const std::string host = host_of(hook.url);
    const bool allowed = std::ranges::any_of(options_.allow, [&](const std::string& each) {
        return curl_strequal(each.c_str(), host.c_str()) != 0;  // letters of either case
    });
    call.reach = allowed ? Reach::anywhere : Reach::public_only;
    call.set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    call.set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    call.set(CURLOPT_USERAGENT, "relais-broker");
    call.header("Content-Type: application/json");
    call.header("Relais-Key: " + hook.key);
    call.header("Relais-Signature: " + hook.signature);
    call.header("Expect:");
    call.set(CURLOPT_HTTPHEADER, call.headers);
    call.set(CURLOPT_POST, 1L);
    call.set(CURLOPT_POSTFIELDSIZE, static_cast<long>(hook.body.size()));
    call.set(CURLOPT_POSTFIELDS, hook.body.c_str());
    return outcome_of(call, curl_easy_perform(call.handle), true);
}

}  // namespace relais::broker
