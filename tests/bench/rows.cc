// rows.cc: every row, in its order.
#include "tests/bench/row_list.h"

namespace relais::bench {

void tell_run(const Figure& figure) {
    const Sample& last = figure.samples.back();
    char text[160];
    std::snprintf(text, sizeof text, "%s, run %zu: %.4g %s, reference %.4g", figure.name.c_str(),
                  figure.samples.size(), last.value, figure.unit.c_str(), last.reference);
    progress(text);
}

const std::vector<Row>& rows() {
    static const std::vector<Row> all = [] {
        std::vector<Row> list;
        for (auto part : {submit_rows, engine_rows, latency_rows, stored_rows, lane_rows,
                          crowd_rows, part_rows, form_rows, audit_rows, indicator_rows}) {
            for (Row& row : part()) list.push_back(std::move(row));
        }
        return list;
    }();
    return all;
}

}  // namespace relais::bench
