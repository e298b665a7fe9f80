#pragma once

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "providers/contract/bandwidth.h"
#include "providers/contract/money.h"

namespace bwgw::tests {

/// Bandwidths as deterministic JSON text for golden files: every field, null where the vendor did not say.
class BandwidthDump {
public:
    static std::string of(const std::vector<Bandwidth>& rows) {
        rapidjson::StringBuffer buffer;
        Writer writer(buffer);
        writer.SetIndent(' ', 2);
        writer.StartArray();
        for (const auto& row : rows) BandwidthDump(writer).row(row);
        writer.EndArray();
        return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
    }
    static std::string of(const Bandwidth& bandwidth) { return of(std::vector{bandwidth}); }

    /// A golden file's JSON in the same layout, so that texts can be compared; numbers keep their digits.
    static std::string canonical(std::string_view json) {
        rapidjson::StringBuffer buffer;
        Writer writer(buffer);
        writer.SetIndent(' ', 2);
        Copy copy{writer};
        rapidjson::Reader reader;
        const std::string text(json);
        rapidjson::StringStream stream(text.c_str());
        if (!reader.Parse<rapidjson::kParseNumbersAsStringsFlag>(stream, copy)) return "not JSON: " + text;
        return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
    }

private:
    using Writer = rapidjson::PrettyWriter<rapidjson::StringBuffer>;

    struct Copy {
        Writer& to;
        bool Null() { return to.Null(); }
        bool Bool(bool b) { return to.Bool(b); }
        bool Int(int n) { return to.Int(n); }
        bool Uint(unsigned n) { return to.Uint(n); }
        bool Int64(std::int64_t n) { return to.Int64(n); }
        bool Uint64(std::uint64_t n) { return to.Uint64(n); }
        bool Double(double n) { return to.Double(n); }
        bool RawNumber(const char* s, unsigned n, bool) { return to.RawValue(s, n, rapidjson::kNumberType); }
        bool String(const char* s, unsigned n, bool) { return to.String(s, n); }
        bool Key(const char* s, unsigned n, bool) { return to.Key(s, n); }
        bool StartObject() { return to.StartObject(); }
        bool EndObject(unsigned) { return to.EndObject(); }
        bool StartArray() { return to.StartArray(); }
        bool EndArray(unsigned) { return to.EndArray(); }
    };

    explicit BandwidthDump(Writer& writer) : writer_(writer) {}

    void row(const Bandwidth& b) {
        writer_.StartObject();
        text("product", b.ref.product);
        text("scope", b.ref.scope);
        text("native_id", b.ref.native_id);
        text("kind", word(b.kind));
        maybe("name", b.name);
        text("marker", b.marker);
        maybe("network_id", b.network_id);
        key("ends");
        if (b.ends) {
            writer_.StartArray();
            string(b.ends->a);
            string(b.ends->b);
            writer_.EndArray();
        } else {
            writer_.Null();
        }
        maybe("region", b.region);
        maybe("eip_id", b.eip_id);
        mbps("bandwidth_mbps", b.bandwidth);
        mbps("burst_mbps", b.burst);
        billing(b.billing);
        words("service_tier", b.service_tier);
        words("path_policy", b.path_policy);
        text("state", word(b.state));
        instant("created_at", b.created_at);
        instant("starts_at", b.starts_at);
        instant("expires_at", b.expires_at);
        maybe("provider_state", b.provider_state);
        key("provider_details");
        Copy copy{writer_};
        rapidjson::Reader reader;
        rapidjson::StringStream stream(b.provider_details.c_str());
        if (!reader.Parse<rapidjson::kParseNumbersAsStringsFlag>(stream, copy)) string("not JSON");
        writer_.EndObject();
    }

    void billing(const Billing& b) {
        key("billing");
        writer_.StartObject();
        text("model", word(b.model));
        text("payment", word(b.payment));
        key("term");
        if (b.term) {
            writer_.StartObject();
            text("unit", word(b.term->unit));
            key("count");
            writer_.Int(b.term->count);
            writer_.EndObject();
        } else {
            writer_.Null();
        }
        writer_.EndObject();
    }

    void key(std::string_view name) { writer_.Key(name.data(), static_cast<unsigned>(name.size())); }
    void string(std::string_view s) { writer_.String(s.data(), static_cast<unsigned>(s.size())); }
    void text(std::string_view name, std::string_view value) {
        key(name);
        string(value);
    }
    void maybe(std::string_view name, const std::optional<std::string>& value) {
        key(name);
        value ? string(*value) : void(writer_.Null());
    }
    template <class Enum>
    void words(std::string_view name, const std::optional<Enum>& value) {
        key(name);
        value ? string(word(*value)) : void(writer_.Null());
    }
    void mbps(std::string_view name, const std::optional<Mbps>& value) {
        key(name);
        if (!value) {
            writer_.Null();
            return;
        }
        const auto number = Decimal::from_units(value->kbps * 1000).text();
        writer_.RawValue(number.data(), number.size(), rapidjson::kNumberType);
    }
    void instant(std::string_view name, const std::optional<Instant>& value) {
        key(name);
        value ? string(fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                                   fmt::gmtime(std::chrono::system_clock::to_time_t(*value))))
              : void(writer_.Null());
    }

    Writer& writer_;
};

}  // namespace bwgw::tests
