// The page's own files, as they are, inside the program. Scripts and styles follow each other in the order in which
// they stand here; each begins on a line of its own.

.macro file symbol, path:vararg
        .global \symbol
\symbol:
        .incbin \path
.endm

        .section .rodata
        file llmo_page_html, "exporters/html/page/page.html"
        file llmo_page_style, "exporters/html/page/base.css"
        .incbin "exporters/html/page/views.css"
        file llmo_page_script, "exporters/html/page/words.js"
        .incbin "exporters/html/page/dom.js"
        .incbin "exporters/html/page/store.js"
        .incbin "exporters/html/page/traces.js"
        .incbin "exporters/html/page/search.js"
        .incbin "exporters/html/page/lanes.js"
        .incbin "exporters/html/page/rows.js"
        .incbin "exporters/html/page/trace_list.js"
        .incbin "exporters/html/page/waterfall.js"
        .incbin "exporters/html/page/details.js"
        .incbin "exporters/html/page/summary.js"
        .incbin "exporters/html/page/keys.js"
        .incbin "exporters/html/page/main.js"
        .global llmo_page_end
llmo_page_end:
        .section .note.GNU-stack, "", @progbits
