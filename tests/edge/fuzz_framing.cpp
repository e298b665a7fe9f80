// libFuzzer: whatever comes, and however it is split, the framer neither crashes nor changes its mind.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/edge/framing.h"

namespace {

using bwgw::edge::Framer;

struct Verdict {
    std::vector<bwgw::http::Request> requests;
    Framer::Progress progress = Framer::Progress::idle;
    bwgw::Slug refusal = bwgw::Slug::internal;
};

Verdict judge(std::string_view input, std::size_t step, const bwgw::edge::Limits& limits) {
    Framer framer(limits);
    Verdict verdict;
    std::string held;
    for (std::size_t at = 0; at < input.size(); at += step) {
        held.append(input.substr(at, step));
        do {
            std::size_t used = 0;
            verdict.progress = framer.feed(held, used);
            if (used > held.size()) std::abort();
            held.erase(0, used);
            if (verdict.progress == Framer::Progress::refused) {
                verdict.refusal = framer.refusal();
                return verdict;
            }
            if (verdict.progress == Framer::Progress::complete) verdict.requests.push_back(framer.take());
        } while (verdict.progress == Framer::Progress::complete && !held.empty());
    }
    return verdict;
}

void require(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    bwgw::edge::Limits limits;
    limits.max_head_bytes = 1024;
    limits.max_target_bytes = 256;
    limits.max_headers = 20;
    limits.max_body_bytes = 512;
    const std::size_t step = 1 + data[0] % 32;
    const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
    const Verdict whole = judge(input, input.size(), limits);
    const Verdict split = judge(input, step, limits);
    require(whole.progress == split.progress && whole.refusal == split.refusal);
    require(whole.requests.size() == split.requests.size());
    for (std::size_t i = 0; i < whole.requests.size(); ++i) {
        const auto& a = whole.requests[i];
        const auto& b = split.requests[i];
        require(a.method == b.method && a.target == b.target && a.body == b.body &&
                a.headers.size() == b.headers.size());
        require(a.body.size() <= limits.max_body_bytes && a.headers.size() <= limits.max_headers);
        require(a.target.size() <= limits.max_target_bytes &&
                a.target.find_first_of(" \r\n#") == std::string::npos);
        for (const auto& header : a.headers) require(header.value.find_first_of("\r\n") == std::string::npos);
    }
    return 0;
}
