#include "gateway/ledger/engine.h"

namespace bwgw::ledger {

std::string fault() {
    try {
        throw;
    } catch (const soci::soci_error& error) {
        return error.get_error_message();
    } catch (const std::exception& error) {
        return error.what();
    }
}

}  // namespace bwgw::ledger
