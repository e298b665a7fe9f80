#include "providers/contract/bandwidth.h"

namespace bwgw {

std::string time_text(Instant instant) {
    const auto day = std::chrono::floor<std::chrono::days>(instant);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(instant - day);
    std::string text = "0000-00-00T00:00:00Z";
    const auto put = [&text](std::size_t begin, std::size_t width, std::int64_t number) {
        for (auto at = begin + width; at > begin; number /= 10)
            text[--at] = static_cast<char>('0' + number % 10);
    };
    put(0, 4, static_cast<int>(date.year()));
    put(5, 2, static_cast<unsigned>(date.month()));
    put(8, 2, static_cast<unsigned>(date.day()));
    put(11, 2, time.hours().count());
    put(14, 2, time.minutes().count());
    put(17, 2, time.seconds().count());
    return text;
}

}  // namespace bwgw
