#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <new>
#include <optional>
#include <string>
#include <string_view>

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include "providers/contract/bandwidth.h"

namespace bwgw::inventory {

/// SHA-256 of a representation, cut to 128 bits: no two states share one by chance.
using Digest = std::array<std::uint8_t, 16>;
Digest digest_of(std::string_view representation);
/// The strong ETag with this digest.
std::string etag_of(const Digest& digest);

class Row;
using RowPtr = boost::intrusive_ptr<const Row>;

/// One bandwidth as callers are shown it: its JSON text, and what it is found and counted by. Immutable, and
/// shared by every snapshot that holds it. One piece of memory: about 200 bytes, and the text behind them.
class Row : public boost::intrusive_ref_counter<Row> {
public:
    /// From the JSON text of a bandwidth (openapi/gateway.yaml). Nothing if it is none.
    static RowPtr of(std::string json);
    static void operator delete(void* row) noexcept { ::operator delete(row); }

    std::string_view json() const noexcept { return {text(), json_size_}; }
    /// A filter will look at it soon, or its text will be read: it is fetched from memory meanwhile.
    void fetch_head() const noexcept {
        __builtin_prefetch(&kind_);
        __builtin_prefetch(text());
    }
    void fetch() const noexcept {
        constexpr std::uint32_t kCacheLine = 64;
        for (std::uint32_t at = 0; at < json_size_; at += kCacheLine) __builtin_prefetch(text() + at);
    }
    std::string_view id() const noexcept { return at(id_); }
    const Digest& digest() const noexcept { return digest_; }
    /// Where it lives at its provider.
    std::string_view product() const noexcept { return at(product_); }
    std::string_view scope() const noexcept { return at(scope_); }
    std::string_view native_id() const noexcept { return at(native_id_); }

    Kind kind() const noexcept { return kind_; }
    State state() const noexcept { return state_; }
    /// Empty where the vendor gives none.
    std::string_view name() const noexcept { return at(name_); }
    std::string_view network_id() const noexcept { return at(network_id_); }
    /// Either end, or the boost's region: as it is shown (a metro or a code), or as a code.
    bool is_in(std::string_view region) const noexcept;
    std::string_view region_a() const noexcept { return at(regions_[0]); }
    std::string_view region_b() const noexcept { return at(regions_[1]); }
    /// eip_boost only.
    std::string_view region() const noexcept { return at(regions_[2]); }

    std::optional<Mbps> bandwidth() const noexcept { return bandwidth_; }
    std::optional<Mbps> burst() const noexcept { return burst_; }
    BillingModel billing_model() const noexcept { return billing_model_; }
    Payment payment() const noexcept { return payment_; }
    std::optional<Instant> created_at() const noexcept { return created_at_; }
    std::optional<Instant> expires_at() const noexcept { return expires_at_; }

private:
    class Reading;
    explicit Row(Reading& reading);
    Row(const Row& read, std::string_view text);
    Row(const Row&) = default;
    static void* operator new(std::size_t size, std::size_t text) { return ::operator new(size + text); }

    /// A part of the text: of the JSON as it stands, or of what is appended where the JSON has it escaped or
    /// encoded.
    struct Part {
        std::uint32_t begin = 0;
        std::uint32_t size = 0;
    };
    const char* text() const noexcept { return reinterpret_cast<const char*>(this + 1); }
    std::string_view at(Part part) const noexcept { return {text() + part.begin, part.size}; }

    Digest digest_{};
    BillingModel billing_model_ = BillingModel::unspecified;
    Payment payment_ = Payment::unspecified;
    Part product_, scope_, native_id_, name_, network_id_;
    std::array<Part, 5> regions_{};  ///< a, b, boost's; then the provider's codes
    std::optional<Mbps> bandwidth_;
    std::optional<Mbps> burst_;
    std::optional<Instant> created_at_;
    std::optional<Instant> expires_at_;

    // What lists look at lies beside the text, which they read next.
    Kind kind_ = Kind::inter_region;
    State state_ = State::unknown;
    Part id_;
    std::uint32_t json_size_ = 0;
};

}  // namespace bwgw::inventory
