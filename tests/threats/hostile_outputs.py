"""Outputs, Markdown and attachments that would run a script, or load something, in a page.

Each payload, where it runs, sets ``window.owned`` or asks ``http://127.0.0.1:9/`` for something.
"""

import base64

RUN = "window.owned=1"
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFklEQVQI12P8z8DAwMDAxMDAwMDAAAANHQEDasKb6QAA"
    "AABJRU5ErkJggg=="
)
SCRIPT_PAGE = base64.b64encode(f"<script>{RUN}</script>".encode()).decode()
ELSEWHERE = "http://127.0.0.1:9/x"


def display(data, metadata=None):
    return {"output_type": "display_data", "data": data, "metadata": metadata or {}}


def picture(**metadata):
    return display({"image/png": PNG}, {"image/png": metadata})


def html(text):
    return display({"text/html": text})


def svg(inner, attributes=""):
    head = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return display({"image/svg+xml": f"<svg {head} {attributes}>{inner}</svg>"})


BREAK_OUT = f"1 onload={RUN} onerror={RUN}"
HTML = [
    f"<script>{RUN}</script>",
    f"<scr<script>ipt>{RUN}</scr</script>ipt>",
    f"<img src=x onerror={RUN}>",
    f"<img src='{ELSEWHERE}.png'>",
    f"<svg onload={RUN}></svg>",
    f"<svg><script>{RUN}</script></svg>",
    f"<math><mtext><table><mglyph><style><img src=x onerror={RUN}></style></table></mtext></math>",
    f"<iframe srcdoc='<script>parent.owned=1</script>'></iframe><iframe src='{ELSEWHERE}'></iframe>",
    f"<object data='data:text/html;base64,{SCRIPT_PAGE}'></object>",
    f"<embed src='data:text/html;base64,{SCRIPT_PAGE}'>",
    f"<a href='javascript:{RUN}'>x</a>",
    f"<a href='JaVa\tScript:{RUN}'>x</a>",
    f"<a href='&#106;avascript&colon;{RUN}'>x</a>",
    f"<a href=' \x01javascript:{RUN}'>x</a>",
    f"<a href='data:text/html;base64,{SCRIPT_PAGE}'>x</a>",
    f"<a href='vbscript:{RUN}'>x</a>",
    "<a href='/logout'>x</a><a href='../../api/terminals'>x</a>",
    f"<form action='javascript:{RUN}'><button>x</button></form>",
    f"<input autofocus onfocus={RUN}><details open ontoggle={RUN}>x</details>",
    f"<body onload={RUN}><video><source onerror={RUN}></video>",
    f"<style>@import '{ELSEWHERE}.css'; body{{background:url({ELSEWHERE}.png)}}</style>",
    f"<div style='background:url({ELSEWHERE}.png);position:fixed;inset:0'>x</div>",
    f"<link rel=stylesheet href={ELSEWHERE}.css><base href={ELSEWHERE}/>",
    f"<meta http-equiv=refresh content='0;url=javascript:{RUN}'>",
    f"<input id=why name=why><table background={ELSEWHERE}.png><tr><td background={ELSEWHERE}>",
    f"<template><script>{RUN}</script></template><noscript><img src=x onerror={RUN}></noscript>",
    f"<!--><img src=x onerror={RUN}>--><xmp><img src=x onerror={RUN}></xmp>",
    f"<img srcset='{ELSEWHERE}.png 1x' lowsrc={ELSEWHERE}><audio src={ELSEWHERE} autoplay></audio>",
    f"$\\h<!-- -->ref{{javascript:{RUN}}}{{x}}$",
    f"<math><annotation-xml encoding='text/html'><style><img src=x onerror={RUN}></style></math>",
    f"<form><math><mtext></form><form><mglyph><style></math><img src=x onerror={RUN}>",
    f"<svg><desc><style><a title='</style><img src=x onerror={RUN}>'></style></desc></svg>",
    f"<noscript><p title='</noscript><img src=x onerror={RUN}>'></p></noscript>",
    f"<a href='https://a.org/&quot; onclick=&quot;{RUN}'>x</a><a href='https:javascript:{RUN}'>x</a>",
    f"<a href='http://a.org\nonclick={RUN}'>x</a><a href=http://a.org/`onclick={RUN}`>x</a>",
    f"<img src='data:image/svg+xml;base64,{SCRIPT_PAGE}'><img src='data:text/html,{RUN}'>",
    f"<select><style></select><img src=x onerror={RUN}></style></select>",
    f"<table><caption><svg><style></caption><img src=x onerror={RUN}></style></svg></table>",
    f"<p id=MathJax name=MathJax class=jp-Cell data-x='{RUN}' slot=x is=x-y>{RUN}</p>",
    f"<details open ontoggle={RUN}><summary onfocus={RUN} tabindex=1 autofocus>x</summary></details>",
]
# What MathJax makes styles, attributes, options and further macros of.
TEX = [
    f"\\unicode[a; background:url({ELSEWHERE})]{{65}}",
    f"\\unicode [a; background:url({ELSEWHERE})](1.5,0.5){{x263a}}",
    f"\\fcolorbox{{red;background:url({ELSEWHERE})}}{{red}}{{x}}",
    f"\\fcolorbox{{red}}{{red;background:url({ELSEWHERE})}}{{x}}",
    f"\\color{{red;background:url({ELSEWHERE})}}{{x}}",
    "\\textcolor[rgb] {red;position:fixed;inset:0}{x}",
    f"\\colorbox {{url({ELSEWHERE})}}{{x}}",
    f"\\definecolor{{z}}{{named}}{{url({ELSEWHERE})}}\\colorbox{{z}}{{x}}",
    f"\\begin{{array}}{{c}}\\cellcolor{{url({ELSEWHERE})}}x\\end{{array}}",
    f"\\renewenvironment{{q}}{{\\hr}}{{ef{{javascript:{RUN}}}{{x}}}}\\begin{{q}}\\end{{q}}",
    f"\\DeclarePairedDelimiter{{\\x}}{{\\hr}}{{ef{{javascript:{RUN}}}}}\\x{{y}}",
    f"\\newtagform{{a}}[\\hr]{{ef}}{{javascript:{RUN}}}\\usetagform{{a}}\\tag{{1}}x",
    f"\\setOptions{{packages=html}}\\mathtip{{x}}{{\\text{{{RUN}}}}}",
    f"\\csname href\\endcsname{{javascript:{RUN}}}{{x}}\\gdef\\q{{x}}",
]
OUTPUTS = [
    picture(width=BREAK_OUT),
    picture(height=BREAK_OUT),
    picture(width=[BREAK_OUT], height={"a": BREAK_OUT}),
    picture(alt=f'"><script>{RUN}</script>'),
    picture(needs_background=f'"><script>{RUN}</script>', unconfined=BREAK_OUT),
    picture(width=10**30, height=-1),
    display({"image/png": PNG}, {"width": BREAK_OUT, "height": BREAK_OUT}),
    display({"image/png": PNG}, {"filenames": {"image/png": f"{ELSEWHERE}.png"}}),
    display({"image/png": PNG}, {"image/png": BREAK_OUT}),
    display({"image/jpeg": f'AAAA"><script>{RUN}</script>'}, {"image/jpeg": {"width": BREAK_OUT}}),
    display({"image/png": f'" onerror="{RUN}'}),
    display({"image/png": ["aGk=", f'" onerror="{RUN}']}),
    *[html(text) for text in HTML],
    display({"text/html": f"<script>{RUN}</script>"}, {"text/html": {"isolated": True}}),
    display({"application/javascript": RUN, "text/plain": "x"}),
    display({"text/javascript": RUN}),
    display({"application/vnd.jupyter.widget-view+json": {"model_id": f"</script><script>{RUN}"}}),
    display({"application/vnd.plotly.v1+json": {"data": f"<script>{RUN}</script>"}}),
    display({"application/vnd.bokehjs_load.v0+json": RUN, "application/pdf": SCRIPT_PAGE}),
    display({"text/vnd.mermaid": f"<img src=x onerror={RUN}>"}),
    display({f"text/html\"><script>{RUN}</script>": "x"}),
    display({"text/latex": f"$\\href{{javascript:{RUN}}}{{x}}$"}),
    display({"text/latex": f"$\\style{{background:url({ELSEWHERE})}}{{x}}</div><script>{RUN}</script>$"}),
    *[display({"text/latex": f"${text}$"}) for text in TEX],
    display({"text/latex": f"<img src=x onerror={RUN}>"}),
    display({"text/latex": f"$x$ <svg onload={RUN}></svg> \\begin{{x}}<img src=x onerror={RUN}>"}),
    display({"text/markdown": f"[x](javascript:{RUN})\n\n<script>{RUN}</script>"}),
    display({"text/html": ["<scr", f"ipt>{RUN}</scr", "ipt>"]}),
    display({"text/html": f"<scr\x00ipt>{RUN}</scr\x00ipt><\x0bimg src=x onerror={RUN}>"}),
    svg(f"<text>$\\href{{javascript:{RUN}}}{{x}}$</text><desc>$\\url{{javascript:{RUN}}}$</desc>"),
    svg('<g id="why"/><g id="MathJax"/><g id="owned"/>', 'id="page"'),
    svg(f'<text><tspan onclick="{RUN}">x</tspan>$\\href{{javascript:{RUN}}}{{x}}$</text>'),
    svg(f'<title>&lt;/title&gt;&lt;script&gt;{RUN}&lt;/script&gt;</title><desc>&lt;img onerror={RUN}&gt;</desc>'),
    svg(f'<use href="data:image/svg+xml;base64,{SCRIPT_PAGE}#a"/><use href="{ELSEWHERE}#a"/>'),
    svg(f'<rect fill="url({ELSEWHERE}#a)" mask="url(&quot;{ELSEWHERE}#a&quot;)" cursor="url({ELSEWHERE})"/>'),
    svg(f"<script>{RUN}</script>"),
    svg("", f'onload="{RUN}"'),
    svg(f'<a xlink:href="javascript:{RUN}"><text>x</text></a>'),
    svg(f'<image xlink:href="{ELSEWHERE}.png"/><use xlink:href="{ELSEWHERE}.svg#a"/>'),
    svg(f'<foreignObject><body xmlns="http://www.w3.org/1999/xhtml" onload="{RUN}"/></foreignObject>'),
    svg(f'<style>rect{{fill:url({ELSEWHERE}.svg#a)}}</style><rect style="fill:url({ELSEWHERE}#a)"/>'),
    svg(f'<set attributeName="href" to="javascript:{RUN}"/><animate onbegin="{RUN}"/>'),
    display({"image/svg+xml": f'<!DOCTYPE svg [<!ENTITY a "{RUN}">]><svg><script>&a;</script></svg>'}),
    {"output_type": "stream", "name": f"<script>{RUN}</script>", "text": f"<script>{RUN}</script>"},
    {"output_type": "error", "ename": f"<script>{RUN}</script>", "evalue": f"<img onerror={RUN}>",
     "traceback": [f"<script>{RUN}</script>\x1b[38;2;1m\x1b]0;owned\x07\x1b[2J"]},
    {"output_type": "execute_result", "data": {"text/plain": "x"}, "metadata": {},
     "execution_count": f"<script>{RUN}</script>"},
    {"output_type": "update_display_data", "data": {"text/html": f"<script>{RUN}</script>"}},
    {"output_type": f"<script>{RUN}</script>", "data": {}},
]  # fmt: skip
MARKDOWN = [
    *HTML,
    *[f"${text}$" for text in TEX],
    f"[x](javascript:{RUN})",
    f"[x](<javascript:{RUN}>)",
    f"[x](\njavascript:{RUN})",
    f"[x](java&#115;cript:{RUN})",
    f"[x](javascript&colon;{RUN})",
    f"[x](\\javascript\\:{RUN})",
    f"[x](data:text/html;base64,{SCRIPT_PAGE})",
    f"[x](vbscript:{RUN} 'title')",
    "[x](/logout) [y](../../api/terminals)",
    f"[x][1]\n\n[1]: javascript:{RUN}",
    f"[1]\n\n[1]:\n   <javascript:{RUN}> 'title'",
    f"> [1]: javascript:{RUN}\n\n- [1]",
    f"<javascript:{RUN}>",
    f"![x](javascript:{RUN})",
    f"![x]({ELSEWHERE}.png) ![y][1]\n\n[1]: {ELSEWHERE}.png",
    f"![a [b](https://example.org) c]({ELSEWHERE}.png)",
    f'![x](https://example.org/"onerror="{RUN})',
    f"[![x]({ELSEWHERE}.png)](javascript:{RUN})",
    "![x](attachment:missing.png)",
    f"```mermaid\n<img src=x onerror={RUN}>\n```",
    f"~~~ Mermaid\n</pre><script>{RUN}</script>\n~~~",
    f"$\\href{{javascript:{RUN}}}{{x}}$ $$\\require{{html}}\\cssId{{why}}{{x}}$$",
    f"&#36;\\&#104;ref{{javascript:{RUN}}}{{x}}&#36;",
    f"\\begin{{equation}}\\mmlToken{{mi}}[href='javascript:{RUN}']{{x}}\\end{{equation}}",
    f"`` `<script>{RUN}</script> ``",
    f"| a |\n|---|\n| [x](javascript:{RUN}) <img src=x onerror={RUN}> |",
    f"term\n: [x](javascript:{RUN})",
    f"&lt;script&gt;{RUN}&lt;/script&gt; &amp;lt;img src=x onerror={RUN}&amp;gt;",
    f"<b onmouseover={RUN} x='>'><script>{RUN}</script></b>",
]
ATTACHMENTS = [
    {"a.png": {"text/html": f"<script>{RUN}</script>"}},
    {"a.png": {"image/png": f'AAAA" onerror="{RUN}'}},
    {"a.png": {"image/svg+xml": f"<svg onload='{RUN}'/>"}},
    {f'"><script>{RUN}</script>': {"image/png": PNG}},
    {"a.png": [PNG], "b.png": 1, "": {"image/png": PNG}},
    [PNG],
]
