// paper.cc: first every paragraph is laid out and given its place on a page, so that the pages can
// be counted; then the pages are drawn.
#include "clients/station/print/paper.h"

#include <cairo-pdf.h>
#include <pango/pangocairo.h>

#include <algorithm>
#include <memory>

#include "clients/station/print/qr.h"

namespace relais::print {

namespace {

// Points, 72 to the inch.
constexpr double kMillimetre = 72 / 25.4;
constexpr double kWidth = 210 * kMillimetre;
constexpr double kHeight = 297 * kMillimetre;
constexpr double kMargin = 18 * kMillimetre;
constexpr double kTop = 15 * kMillimetre;      // of the header
constexpr double kBottom = 281 * kMillimetre;  // of the footer's line
constexpr double kFloor = kBottom - 4 * kMillimetre;
constexpr double kStep = 5 * kMillimetre;  // of depth
constexpr unsigned kDepthMax = 8;
constexpr double kCodeSide = 38 * kMillimetre;
constexpr std::size_t kQuiet = 4;  // squares around a code, as the standard asks
constexpr std::size_t kPagesMax = 200;
constexpr const char* kFamily = "DejaVu Sans, sans-serif";

struct Unref {
    void operator()(void* object) const { g_object_unref(object); }
};
template <typename T>
using Owned = std::unique_ptr<T, Unref>;

struct Look {
    double points;
    bool bold;
    double before;  // space above, in points
};

Look look_of(Style style) {
    switch (style) {
        case Style::title: return {15, true, 2};
        case Style::heading: return {10.5, true, 9};
        case Style::text: return {9.5, false, 1.5};
        case Style::alarm: return {10, true, 6};
        case Style::small: return {8, false, 2};
    }
    return {9.5, false, 1.5};
}

// Control characters, and marks that would make a line read otherwise than it was written.
bool hidden(gunichar c) {
    const bool control = (c < 0x20 && c != '\n') || (c >= 0x7F && c < 0xA0);
    const bool separator = c == 0x2028 || c == 0x2029;
    const bool direction = c == 0x61C || c == 0x200E || c == 0x200F ||
                           (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
    return control || separator || direction;
}

std::string shown(const std::string& text) {
    const std::unique_ptr<char, decltype(&g_free)> valid(
        g_utf8_make_valid(text.data(), static_cast<gssize>(text.size())), &g_free);
    std::string out;
    const char* at = valid.get();
    while (*at != '\0') {
        const char* const next = g_utf8_next_char(at);
        if (hidden(g_utf8_get_char(at))) {
            out += "\uFFFD";
        } else {
            out.append(at, next);
        }
        at = next;
    }
    return out;
}

// What lays text out, in points whatever the screen.
class Setter {
public:
    Setter()
        : map_(pango_cairo_font_map_new()), context_(pango_font_map_create_context(map_.get())) {
        pango_cairo_context_set_resolution(context_.get(), 72);
        cairo_font_options_t* options = cairo_font_options_create();
        cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
        cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
        pango_cairo_context_set_font_options(context_.get(), options);
        cairo_font_options_destroy(options);
        pango_context_set_base_dir(context_.get(), PANGO_DIRECTION_LTR);
    }

    [[nodiscard]] bool has_fonts() const {
        PangoFontFamily** families = nullptr;
        int count = 0;
        pango_font_map_list_families(map_.get(), &families, &count);
        g_free(families);
        return count > 0;
    }

    [[nodiscard]] Owned<PangoLayout> lay_out(const std::string& text, const Look& look,
                                             double width) const {
        Owned<PangoLayout> layout(pango_layout_new(context_.get()));
        PangoFontDescription* font = pango_font_description_from_string(kFamily);
        pango_font_description_set_size(font, static_cast<int>(look.points * PANGO_SCALE));
        if (look.bold) pango_font_description_set_weight(font, PANGO_WEIGHT_BOLD);
        pango_layout_set_font_description(layout.get(), font);
        pango_font_description_free(font);
        pango_layout_set_auto_dir(layout.get(), FALSE);
        pango_layout_set_width(layout.get(), static_cast<int>(width * PANGO_SCALE));
        pango_layout_set_wrap(layout.get(), PANGO_WRAP_WORD_CHAR);
        PangoAttrList* attributes = pango_attr_list_new();
        // Letters stay apart, and are searched and copied as they were written.
        pango_attr_list_insert(attributes, pango_attr_font_features_new("liga=0, clig=0"));
        pango_attr_list_insert(attributes, pango_attr_insert_hyphens_new(FALSE));
        pango_layout_set_attributes(layout.get(), attributes);
        pango_attr_list_unref(attributes);
        const std::string text_shown = shown(text);
        pango_layout_set_text(layout.get(), text_shown.data(), static_cast<int>(text_shown.size()));
        return layout;
    }

private:
    Owned<PangoFontMap> map_;
    Owned<PangoContext> context_;
};

double in_points(int pango_units) { return static_cast<double>(pango_units) / PANGO_SCALE; }

double height_of(PangoLayout* layout) {
    PangoRectangle logical;
    pango_layout_get_extents(layout, nullptr, &logical);
    return in_points(logical.height);
}

// One line of text, at its place: the left end of its baseline.
struct Placed {
    PangoLayout* layout;
    int line;
    double x;
    double y;
};
struct Frame {
    double top;
    double bottom;
};
struct Page {
    std::vector<Placed> lines;
    std::vector<Frame> frames;
};

// Gives each line of text its page.
class Pages {
public:
    Pages(const Setter& setter, double ceiling) : setter_(setter), ceiling_(ceiling) { turn(); }

    void add(const Paragraph& paragraph) {
        const Look look = look_of(paragraph.style);
        const bool framed = paragraph.style == Style::alarm;
        const double inset = framed ? kStep / 2 : std::min(paragraph.depth, kDepthMax) * kStep;
        PangoLayout* const layout = keep(setter_.lay_out(
            paragraph.text, look, kWidth - 2 * kMargin - inset - (framed ? inset : 0)));
        if (at_ > ceiling_) at_ += look.before;
        const double height = height_of(layout);
        // A heading takes what it announces with it; a frame is not cut where it fits a page.
        const double wanted = paragraph.style == Style::heading ? height + 3 * look.points
                              : framed                          ? height + kStep
                                                                : 0;
        if (at_ + wanted > kFloor) turn();
        const double top = at_;
        if (framed) at_ += kStep / 2;
        put(layout, kMargin + inset);
        if (!framed) return;
        at_ += kStep / 2;
        if (at_ > top) pages_.back().frames.push_back({top, at_});
    }

    // Keeps the place of the code, with `beside` on its right, on one page, the last so far; its
    // top.
    double add_code(const std::vector<Paragraph>& beside) {
        constexpr double kLeft = kMargin + kCodeSide + kStep / 2;
        std::vector<std::pair<PangoLayout*, double>> laid_out;
        double height = 0;
        for (const Paragraph& paragraph : beside) {
            const Look look = look_of(paragraph.style);
            PangoLayout* const layout =
                keep(setter_.lay_out(paragraph.text, look, kWidth - kMargin - kLeft));
            laid_out.emplace_back(layout, look.before);
            height += look.before + height_of(layout);
        }
        height = std::max(height, kCodeSide);
        if (at_ + height > kFloor) turn();
        const double top = at_;
        for (const auto& [layout, before] : laid_out) {
            at_ += before;
            put(layout, kLeft);
        }
        at_ = std::max(at_, top + height);
        return top;
    }

    [[nodiscard]] const std::vector<Page>& all() const { return pages_; }

private:
    PangoLayout* keep(Owned<PangoLayout> layout) {
        layouts_.push_back(std::move(layout));
        return layouts_.back().get();
    }

    void turn() {
        pages_.emplace_back();
        at_ = ceiling_;
    }

    void put(PangoLayout* layout, double x) {
        const int count = pango_layout_get_line_count(layout);
        for (int line = 0; line < count; ++line) {
            PangoRectangle logical;
            pango_layout_line_get_extents(pango_layout_get_line_readonly(layout, line), nullptr,
                                          &logical);
            const double height = in_points(logical.height);
            if (at_ + height > kFloor) turn();
            pages_.back().lines.push_back({layout, line, x, at_ - in_points(logical.y)});
            at_ += height;
        }
    }

    const Setter& setter_;
    double ceiling_;
    double at_ = 0;
    std::vector<Page> pages_;
    std::vector<Owned<PangoLayout>> layouts_;
};

// The PDF as it is written: into memory alone.
class Pdf {
public:
    Pdf()
        : surface_(cairo_pdf_surface_create_for_stream(&Pdf::take, &bytes_, kWidth, kHeight)),
          cairo_(cairo_create(surface_)) {}
    ~Pdf() {
        cairo_destroy(cairo_);
        cairo_surface_destroy(surface_);
    }
    Pdf(const Pdf&) = delete;
    Pdf& operator=(const Pdf&) = delete;

    void describe(const std::string& title) {
        cairo_pdf_surface_set_metadata(surface_, CAIRO_PDF_METADATA_TITLE, shown(title).c_str());
        cairo_pdf_surface_set_metadata(surface_, CAIRO_PDF_METADATA_CREATOR, "Relais");
    }

    void text(PangoLayout* layout, int line, double x, double y) {
        cairo_move_to(cairo_, x, y);
        pango_cairo_show_layout_line(cairo_, pango_layout_get_line_readonly(layout, line));
    }
    void all_lines(PangoLayout* layout, double x, double top) {
        cairo_move_to(cairo_, x, top);
        pango_cairo_show_layout(cairo_, layout);
    }
    void rule(double y) {
        cairo_set_line_width(cairo_, 0.5);
        cairo_move_to(cairo_, kMargin, y);
        cairo_line_to(cairo_, kWidth - kMargin, y);
        cairo_stroke(cairo_);
    }
    void frame(const Frame& frame) {
        cairo_set_line_width(cairo_, 1.2);
        cairo_rectangle(cairo_, kMargin, frame.top, kWidth - 2 * kMargin, frame.bottom - frame.top);
        cairo_stroke(cairo_);
    }
    void squares(const Squares& squares, double left, double top) {
        const double side = kCodeSide / static_cast<double>(squares.side + 2 * kQuiet);
        for (std::size_t i = 0; i < squares.dark.size(); ++i) {
            if (!squares.dark[i]) continue;
            const auto column = static_cast<double>(i % squares.side + kQuiet);
            const auto row = static_cast<double>(i / squares.side + kQuiet);
            cairo_rectangle(cairo_, left + column * side, top + row * side, side, side);
        }
        cairo_fill(cairo_);
    }
    void end_page() { cairo_show_page(cairo_); }

    Result<Bytes> finish() {
        cairo_surface_finish(surface_);
        const cairo_status_t status = cairo_surface_status(surface_);
        const cairo_status_t drawn = cairo_status(cairo_);
        if (status != CAIRO_STATUS_SUCCESS || drawn != CAIRO_STATUS_SUCCESS) {
            return fail(ErrorCode::io_failed,
                        cairo_status_to_string(status != CAIRO_STATUS_SUCCESS ? status : drawn));
        }
        return std::move(bytes_);
    }

private:
    static cairo_status_t take(void* into, const unsigned char* data, unsigned length) {
        append(*static_cast<Bytes*>(into), ByteView(data, length));
        return CAIRO_STATUS_SUCCESS;
    }

    Bytes bytes_;
    cairo_surface_t* surface_;
    cairo_t* cairo_;
};

// What stands on every page, and how much of it that leaves.
class Furniture {
public:
    Furniture(const Setter& setter, const Paper& paper) : setter_(setter) {
        constexpr double kAll = kWidth - 2 * kMargin;
        header_ = setter.lay_out(paper.header, {8.5, true, 0}, kAll);
        footer_ = setter.lay_out(paper.footer, {7.5, false, 0}, kAll - kNumberWidth);
        ceiling_ = kTop + height_of(header_.get()) + 2 * kGap;
        if (paper.mark.empty()) return;
        mark_ = setter.lay_out(paper.mark, {11, true, 0}, kAll - 2 * kGap);
        pango_layout_set_alignment(mark_.get(), PANGO_ALIGN_CENTER);
        framed_ = {ceiling_, ceiling_ + height_of(mark_.get()) + 2 * kGap};
        ceiling_ = framed_.bottom + 2 * kGap;
    }

    [[nodiscard]] double ceiling() const { return ceiling_; }

    void draw(Pdf& pdf, std::size_t page, std::size_t pages) const {
        pdf.all_lines(header_.get(), kMargin, kTop);
        pdf.rule(kTop + height_of(header_.get()) + kGap / 2);
        if (mark_) {
            pdf.frame(framed_);
            pdf.all_lines(mark_.get(), kMargin + kGap, framed_.top + kGap);
        }
        pdf.rule(kBottom);
        pdf.all_lines(footer_.get(), kMargin, kBottom + kGap / 2);
        const auto number =
            setter_.lay_out("page " + std::to_string(page) + " / " + std::to_string(pages),
                            {8.5, true, 0}, kNumberWidth);
        pango_layout_set_alignment(number.get(), PANGO_ALIGN_RIGHT);
        pdf.all_lines(number.get(), kWidth - kMargin - kNumberWidth, kBottom + kGap / 2);
    }

private:
    static constexpr double kGap = 2.5 * kMillimetre;
    static constexpr double kNumberWidth = 28 * kMillimetre;

    const Setter& setter_;
    Owned<PangoLayout> header_;
    Owned<PangoLayout> footer_;
    Owned<PangoLayout> mark_;
    Frame framed_{};
    double ceiling_ = 0;
};

}  // namespace

Result<Bytes> pdf_of(const Paper& paper) {
    const Setter setter;
    if (!setter.has_fonts()) return fail(ErrorCode::not_found, "police de caractères");
    Squares squares;
    if (!paper.code.empty()) {
        RELAIS_ASSIGN(squares, qr_code(paper.code));
    }
    const Furniture furniture(setter, paper);
    Pages pages(setter, furniture.ceiling());
    for (const Paragraph& paragraph : paper.paragraphs) pages.add(paragraph);
    double code_top = 0;
    if (squares.side != 0) {
        code_top = pages.add_code(paper.beside);
    }
    const std::size_t count = pages.all().size();
    if (count > kPagesMax) return fail(ErrorCode::too_large, std::to_string(count) + " pages");
    Pdf pdf;
    pdf.describe(paper.title);
    for (std::size_t page = 0; page < count; ++page) {
        furniture.draw(pdf, page + 1, count);
        for (const Frame& frame : pages.all()[page].frames) pdf.frame(frame);
        for (const Placed& placed : pages.all()[page].lines) {
            pdf.text(placed.layout, placed.line, placed.x, placed.y);
        }
        if (page + 1 == count && squares.side != 0) pdf.squares(squares, kMargin, code_top);
        pdf.end_page();
    }
    return pdf.finish();
}

}  // namespace relais::print
