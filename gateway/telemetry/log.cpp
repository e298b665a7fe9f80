#include "gateway/telemetry/log.h"

#include <fmt/chrono.h>
#include <rapidjson/encodings.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/sinks/ostream_sink.h>

#include <algorithm>
#include <iostream>
#include <string>

#include "gateway/telemetry/per_thread.h"
#include "providers/contract/bytes.h"

namespace bwgw::telemetry {

namespace {

spdlog::level::level_enum spdlog_level(Level level) {
    switch (level) {
        case Level::debug:
            return spdlog::level::debug;
        case Level::info:
            return spdlog::level::info;
        case Level::warning:
            return spdlog::level::warn;
        case Level::error:
            return spdlog::level::err;
    }
    return spdlog::level::err;
}

std::string_view word(Level level) {
    switch (level) {
        case Level::debug:
            return "debug";
        case Level::info:
            return "info";
        case Level::warning:
            return "warning";
        case Level::error:
            return "error";
    }
    return "error";
}

struct Discard {
    void Put(char) {}
};

bool is_utf8(std::string_view text) {
    if (all_bytes(text, is_ascii)) return true;
    rapidjson::MemoryStream in(text.data(), text.size());
    Discard out;
    while (in.Tell() < text.size())
        if (!rapidjson::UTF8<>::Validate(in, out)) return false;
    return in.Tell() == text.size();
}

class Line {
public:
    Line(Level level, std::string_view message) {
        const auto now =
            std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
        const auto ms = now.time_since_epoch().count() % 1000;
        writer_.StartObject();
        text("time", fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                                 fmt::gmtime(std::chrono::system_clock::to_time_t(now)), ms));
        text("level", word(level));
        text("message", message);
    }

    void text(std::string_view key, std::string_view value) {
        name(key);
        put(value);
    }
    void text_if(std::string_view key, std::string_view value) {
        if (!value.empty()) text(key, value);
    }
    void number(std::string_view key, std::int64_t value) {
        name(key);
        writer_.Int64(value);
    }
    void flag(std::string_view key, bool value) {
        name(key);
        writer_.Bool(value);
    }
    void milliseconds(std::string_view key, std::chrono::nanoseconds value) {
        name(key);
        writer_.Double(std::chrono::duration<double, std::milli>(value).count());
    }

    std::string_view end() {
        writer_.EndObject();
        return {buffer_.GetString(), buffer_.GetSize()};
    }

private:
    void name(std::string_view key) { writer_.Key(key.data(), static_cast<rapidjson::SizeType>(key.size())); }

    void put(std::string_view value) {
        if (value.size() > Log::kMaxTextBytes) {
            auto end = Log::kMaxTextBytes;
            while (end > 0 && (static_cast<unsigned char>(value[end]) & 0xc0) == 0x80) --end;
            value = value.substr(0, end);
        }
        std::string cleaned;
        if (!is_utf8(value)) {
            cleaned = value;
            std::ranges::replace_if(
                cleaned, [](unsigned char c) { return c >= 0x80; }, '?');
            value = cleaned;
        }
        writer_.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
    }

    rapidjson::StringBuffer buffer_;
    rapidjson::Writer<rapidjson::StringBuffer> writer_{buffer_, nullptr, 8};
};

}  // namespace

struct Log::State {
    State(Level least, std::ostream& out)
        : pool(std::make_shared<spdlog::details::thread_pool>(kMaxQueuedLines, 1)) {
        logger = std::make_shared<spdlog::async_logger>("bwgw",
                                                        std::make_shared<spdlog::sinks::ostream_sink_mt>(out),
                                                        pool, spdlog::async_overflow_policy::overrun_oldest);
        logger->set_pattern("%v");
        logger->set_level(spdlog_level(least));
    }

    bool wants(Level level) const { return logger->should_log(spdlog_level(level)); }
    void write(Level level, Line& line) {
        const auto text = line.end();
        logger->log(spdlog_level(level), spdlog::string_view_t(text.data(), text.size()));
    }

    std::shared_ptr<spdlog::async_logger> logger;
    PerThread<std::atomic<std::uint64_t>> sampled_out;
    std::shared_ptr<spdlog::details::thread_pool> pool;  // ends first, and with it the last use of the logger
};

bool only_reads(std::string_view method) noexcept {
    return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

Log::Log(Level least) : Log(least, std::cerr) {}
Log::Log(Level least, std::ostream& out) : state_(std::make_unique<State>(least, out)) {}
Log::~Log() = default;

void Log::request(const RequestLine& line) {
    const Level level = line.status >= 500 ? Level::warning : Level::info;
    if (!state_->wants(level)) return;
    const bool well = line.status < 400 && line.problem.empty() && line.duration - line.asked < kSlow;
    if (!line.in_sample && well && only_reads(line.method)) {
        ++state_->sampled_out.mine();
        return;
    }
    Line out(level, "request");
    out.text("request_id", line.request_id);
    out.text_if("trace_id", line.trace_id);
    out.text("method", line.method);
    out.text_if("operation", line.operation);
    out.text("path", line.path.substr(0, line.path.find('?')));
    out.number("status", line.status);
    out.text_if("problem", line.problem);
    out.milliseconds("duration_ms", line.duration);
    out.text("peer", line.peer);
    out.text("principal", line.principal);
    state_->write(level, out);
}

void Log::call(const CallLine& line) {
    const Level level = line.failure.empty() && line.status < 400 ? Level::info : Level::warning;
    if (!state_->wants(level)) return;
    if (!line.in_sample && level == Level::info && !line.write && line.duration < kSlow) {
        ++state_->sampled_out.mine();
        return;
    }
    Line out(level, "vendor call");
    out.text("request_id", line.request_id);
    out.text_if("trace_id", line.trace_id);
    out.text("provider", line.provider);
    out.text("action", line.action);
    out.text("host", line.host);
    out.flag("write", line.write);
    if (line.status != 0) out.number("status", line.status);
    out.text_if("failure", line.failure);
    out.text_if("detail", line.detail);
    out.milliseconds("duration_ms", line.duration);
    out.number("reply_bytes", static_cast<std::int64_t>(line.reply_bytes));
    out.text_if("provider_request_id", line.provider_request_id);
    state_->write(level, out);
}

void Log::event(Level level, std::string_view message, std::initializer_list<Field> fields) {
    if (!state_->wants(level)) return;
    Line out(level, message);
    for (const auto& [key, value] : fields) {
        if (const auto* text = std::get_if<std::string_view>(&value)) out.text(key, *text);
        if (const auto* number = std::get_if<std::int64_t>(&value)) out.number(key, *number);
        if (const auto* flag = std::get_if<bool>(&value)) out.flag(key, *flag);
    }
    state_->write(level, out);
}

std::size_t Log::dropped() const {
    return state_->pool->overrun_counter();
}

std::size_t Log::sampled_out() const {
    std::size_t sum = 0;
    state_->sampled_out.each([&](const auto& count) { sum += count; });
    return sum;
}

}  // namespace bwgw::telemetry
