#include "gateway/inventory/row.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <stdexcept>

namespace bwgw::inventory {
namespace {

std::optional<Mbps> mbps_of(const rapidjson::Value& value) {
    if (!value.IsNumber()) return std::nullopt;
    return Mbps{std::llround(value.GetDouble() * 1000)};  // exact to 1 kbit/s, as it was written
}

// As time_text writes it.
std::optional<Instant> instant_of(std::string_view text) {
    int year = 0;
    unsigned month = 0, day = 0, hour = 0, minute = 0, second = 0;
    const std::string copy(text.substr(0, 20));
    if (std::sscanf(copy.c_str(), "%d-%u-%uT%u:%u:%uZ", &year, &month, &day, &hour, &minute, &second) != 6)
        return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                           std::chrono::day(day)};
    if (!date.ok()) return std::nullopt;
    return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
           std::chrono::seconds(second);
}

}  // namespace

Digest digest_of(std::string_view representation) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> whole{};
    unsigned size = 0;
    if (EVP_Digest(representation.data(), representation.size(), whole.data(), &size, EVP_sha256(),
                   nullptr) != 1)
        throw std::runtime_error("SHA-256 is not available");
    Digest digest;
    std::copy_n(whole.begin(), digest.size(), digest.begin());
    return digest;
}

std::string etag_of(const Digest& digest) {
    constexpr std::string_view hex = "0123456789abcdef";
    std::string etag(2 * digest.size() + 2, '"');
    auto digit = etag.begin();
    for (const auto byte : digest) {
        *++digit = hex[byte >> 4U];
        *++digit = hex[byte & 15U];
    }
    return etag;
}

// Parsed in a copy of the same size, so that a text in it stands where it stands in the JSON, unless it was
// escaped there.
class Row::Reading {
public:
    explicit Reading(std::string json) : copy_(json), size_(json.size()), text_(std::move(json)) {
        document_.ParseInsitu(copy_.data());
    }

    bool good() {
        if (document_.HasParseError() || !document_.IsObject()) return false;
        const auto id = text("id");
        const auto parsed = BandwidthId::parse(id);
        if (!parsed || !kind_of(text("kind")) || !state_of(text("state"))) return false;
        id_ = *parsed;
        return true;
    }

    std::string_view text(const char* name) const { return view(member(document_, name)); }
    Part part(const char* name) { return place(text(name)); }
    Part keep(std::string_view value) {
        const Part part{static_cast<std::uint32_t>(text_.size()), static_cast<std::uint32_t>(value.size())};
        text_ += value;
        return part;
    }
    // Where the value stands; appended if it does not stand there as it is.
    Part place(std::string_view value) {
        if (value.empty()) return {};
        const auto begin = static_cast<std::size_t>(value.data() - copy_.data());
        if (std::string_view(text_).substr(begin, value.size()) == value)
            return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(value.size())};
        return keep(value);
    }
    Part code(rapidjson::SizeType index) {
        const auto& codes = member(document_, "provider_regions");
        return codes.IsArray() && index < codes.Size() ? place(view(codes[index])) : Part{};
    }
    const rapidjson::Value& number(const char* name) const { return member(document_, name); }
    std::string_view billing(const char* name) const {
        const auto& billing = member(document_, "billing");
        return billing.IsObject() ? view(member(billing, name)) : std::string_view();
    }
    const BandwidthId& id() const noexcept { return id_; }
    std::size_t size() const noexcept { return size_; }
    std::string_view whole() const noexcept { return text_; }

private:
    static const rapidjson::Value& member(const rapidjson::Value& object, const char* name) {
        static const rapidjson::Value kNull;
        const auto found = object.FindMember(name);
        return found == object.MemberEnd() ? kNull : found->value;
    }
    static std::string_view view(const rapidjson::Value& value) {
        return value.IsString() ? std::string_view(value.GetString(), value.GetStringLength())
                                : std::string_view();
    }

    std::string copy_;
    std::size_t size_;
    std::string text_;
    rapidjson::Document document_;
    BandwidthId id_;
};

RowPtr Row::of(std::string json) {
    Reading reading(std::move(json));
    if (!reading.good()) return nullptr;
    const Row read(reading);  // which may have made the text longer
    return new (reading.whole().size()) Row(read, reading.whole());
}

Row::Row(Reading& reading)
    : billing_model_(billing_model_of(reading.billing("model")).value_or(BillingModel::unspecified)),
      payment_(payment_of(reading.billing("payment")).value_or(Payment::unspecified)),
      product_(reading.keep(reading.id().ref.product)),
      scope_(reading.keep(reading.id().ref.scope)),
      native_id_(reading.keep(reading.id().ref.native_id)),
      name_(reading.part("name")),
      network_id_(reading.part("network_id")),
      regions_{reading.part("region_a"), reading.part("region_b"), reading.part("region"), reading.code(0),
               reading.code(1)},
      bandwidth_(mbps_of(reading.number("bandwidth_mbps"))),
      burst_(mbps_of(reading.number("burst_mbps"))),
      created_at_(instant_of(reading.text("created_at"))),
      expires_at_(instant_of(reading.text("expires_at"))),
      kind_(*kind_of(reading.text("kind"))),
      state_(*state_of(reading.text("state"))),
      id_(reading.part("id")),
      json_size_(static_cast<std::uint32_t>(reading.size())) {}

Row::Row(const Row& read, std::string_view text) : Row(read) {
    std::ranges::copy(text, reinterpret_cast<char*>(this + 1));
    digest_ = digest_of(json());
}

bool Row::is_in(std::string_view region) const noexcept {
    return !region.empty() && std::ranges::any_of(regions_, [&](Part part) { return at(part) == region; });
}

}  // namespace bwgw::inventory
