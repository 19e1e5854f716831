#include "broker/app/spdlog_log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace relais::broker {

namespace {

spdlog::level::level_enum level_of(LogLevel level) {
    switch (level) {
        case LogLevel::debug: return spdlog::level::debug;
        case LogLevel::info: return spdlog::level::info;
        case LogLevel::warning: return spdlog::level::warn;
        case LogLevel::error: return spdlog::level::err;
    }
    return spdlog::level::info;
}

class SpdlogLog final : public Log {
public:
    explicit SpdlogLog(LogLevel level)
        : logger_("relais", std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
        logger_.set_level(level_of(level));
        logger_.set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
        logger_.flush_on(spdlog::level::debug);
    }

    void write(LogLevel level, std::string_view event,
               std::initializer_list<LogField> fields) override {
        std::string line(event);
        for (const LogField& field : fields) line += " " + field.text();
        logger_.log(level_of(level), "{}", line);
    }

private:
    spdlog::logger logger_;
};

}  // namespace

std::unique_ptr<Log> make_log(LogLevel level) { return std::make_unique<SpdlogLog>(level); }

}  // namespace relais::broker
