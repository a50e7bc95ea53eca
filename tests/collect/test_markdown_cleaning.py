"""What generators mix into Markdown goes, what readers see stays, and code is never touched."""

import time

import pytest

from hairfeed.collect.folder.markdown_cleaning import clean


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Wash {% include box.html id=1 %}gently.", "Wash gently."),
        ("Wash {{ page.title }}gently {{- x -}}.", "Wash gently ."),
        ("One{% comment %} two\nthree {% endcomment %}four", "One\nfour"),
        ("![A]({{ site.baseurl }}/a.jpg)", "![A](/a.jpg)"),
        ("See [this]({% post_url 2024-08-08-wash %}).", "See this."),
        ('See [this]({{< ref "wash.md" >}}).', "See this."),
        ('{{< figure src="/a.jpg" alt="A comb" >}}', "![A comb](</a.jpg>)"),
        ("{{< figure src='/a b.jpg' caption='Combs [two]' >}}", "![Combs  two ](</a b.jpg>)"),
        ('{{< figure alt="nothing" >}}', ""),
        ("{{< youtube w7Ft2ymGmfc >}}", "<https://www.youtube.com/watch?v=w7Ft2ymGmfc>"),
        ('{{< youtube id="w7Ft2ymGmfc" autoplay="true" >}}', "<https://www.youtube.com/watch?v=w7Ft2ymGmfc>"),
        ("{{< vimeo 146022717 >}}", "<https://vimeo.com/146022717>"),
        ("{{< youtube ../x >}}", ""),
        ("{{% notice tip %}}Dry *well*.{{% /notice %}}", "Dry *well*."),
        ("Text\n{: .lead #id}", "Text\n"),
        ('[a](/b){:target="_blank"}', "[a](/b)"),
        ("* TOC\n{:toc}\n\nText", "\n\nText"),
        ("[TOC]\n\nText", "\n\nText"),
        ("## Head {#id .x}\n", "## Head \n"),
        ("![A]({static}/images/a.jpg)", "![A](/images/a.jpg)"),
        ("See [this]({filename}/other.md).", "See this."),
        ("A {plain} brace and 50 % of 100%", "A {plain} brace and 50 % of 100%"),
        ("<Callout>stays</Callout>", "<Callout>stays</Callout>"),
    ],
)
def test_what_only_a_generator_understands_goes(written: str, read: str) -> None:
    assert clean(written).text.rstrip("\n") == read.rstrip("\n")


@pytest.mark.parametrize(
    "code",
    [
        "```html\n{{ page.title }} <!--more--> {% x %}\n```\n",
        "~~~\n{{< figure src='a' >}}\n```\n{: .x}\n~~~\n",
        "````\n```\n{{ a }}\n```\n````\n",
        "Use `{{ page.title }}` and ``{% x %}``.\n",
        "- item\n\n      ```\n      {{ page.title }}\n      ```\n",
        "> ~~~\n> {{ page.title }}\n> ~~~\n",
        "Write `{% comment %}` before it.\n",
        "```\n{{ never closed }}\n",
    ],
)
def test_code_is_never_touched(code: str) -> None:
    cleaned = clean(f"Before {{{{ x }}}}.\n\n{code}", mdx=True)
    assert (cleaned.text.rstrip(), cleaned.lead) == (f"Before .\n\n{code}".rstrip(), "")


@pytest.mark.parametrize(
    ("opening", "end"),
    [
        ("{% highlight python linenos %}", "{% endhighlight %}"),
        ("{{< highlight python >}}", "{{< /highlight >}}"),
        ('{{< highlight "python" "linenos=true" >}}', "{{</ highlight >}}"),
    ],
)
def test_the_code_blocks_of_generators_become_fenced(opening: str, end: str) -> None:
    assert clean(f"{opening}\nprint('{{{{ x }}}}')\n{end}\nText").text == "```python\nprint('{{ x }}')\n```\nText\n"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("import Box from '../Box.astro'\nimport { a } from 'b'\n\nText", "Text"),
        ("export const meta = {\n  a: 1,\n}\n\nText", "Text"),
        ("Text\n\n<Box kind='tip' style={{ color: 'red' }}>\n\nInside\n\n</Box>", "Text\n\n\n\nInside\n\n"),
        ('<Image src="/a.jpg" alt="A comb" />', "![A comb](</a.jpg>)"),
        ("<Image src={comb} alt='A comb' />", ""),
        ('<YouTube id="w7Ft2ymGmfc" />', "<https://www.youtube.com/watch?v=w7Ft2ymGmfc>"),
        ("A {/* note */}word {props.x}here", "A word here"),
        ("<>Text</>", "Text"),
        ("<em>Text</em>", "<em>Text</em>"),
    ],
)
def test_components_go_and_what_they_hold_stays(written: str, read: str) -> None:
    assert clean(written, mdx=True).text.strip() == read.strip()


@pytest.mark.parametrize(
    "mark", ["<!--more-->", "<!-- more -->", "<!--MORE-->", "<!-- excerpt -->", "<!-- PELICAN_END_SUMMARY -->"]
)
def test_what_stands_above_the_mark_is_the_lead(mark: str) -> None:
    cleaned = clean(f"In {{{{ x }}}}short.\n\n{mark}\n\nAt length.")
    assert (cleaned.lead, cleaned.text) == ("In short.\n\n", "In short.\n\n\n\nAt length.\n")


def test_a_site_may_have_a_mark_of_its_own() -> None:
    assert clean("In short.\n\n***cut***\n\nAt length.", separator="***cut***").lead == "In short.\n\n"
    assert clean("In short.\n\nAt length.", separator="\n\n").lead == ""


@pytest.mark.parametrize(
    "piece",
    [
        "{{",
        "{%",
        "{{ '",
        "{: ",
        "`",
        "[",
        "![",
        "[a](",
        "<A ",
        "={",
        "={{",
        "{% comment %}",
        "<!--",
        "{#",
        "## a {",
        "{/*",
        "|",
        "* TOC\n{:",
    ],
)
def test_no_text_takes_more_than_linear_time(piece: str) -> None:
    started = time.process_time()
    clean(piece * (400_000 // len(piece)), mdx=True)
    assert time.process_time() - started < 60  # it takes half a second; were it quadratic, ten minutes
