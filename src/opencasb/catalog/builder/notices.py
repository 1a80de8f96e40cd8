"""The notices that the licences of the sources ask for, as a file beside the data."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Final

from opencasb.catalog.builder.source_table import Source

_HEAD: Final = """\
# Notices for the catalog data

The data files in this folder were compiled from the open data below. Only facts were taken: names, domains,
categories, vendors, address ranges. They were reduced, normalised, merged and corrected. The compilation is offered
under CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/); `public_suffixes.txt` is a file of its own under
MPL-2.0. Brand names are trademarks of their owners.
"""

_MIT: Final = """\
Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""

_TERMS: Final = {
    "MIT": _MIT,
    "Apache-2.0": "Licence text: https://www.apache.org/licenses/LICENSE-2.0. The data were changed as said above.\n",
    "CC BY 3.0": "Licence text: https://creativecommons.org/licenses/by/3.0/. The data were changed as said above.\n",
    "CC BY 4.0": "Licence text: https://creativecommons.org/licenses/by/4.0/. The data were changed as said above.\n",
    "MPL-2.0": "Licence text: https://mozilla.org/MPL/2.0/. Comments were removed, the rules are unchanged.\n",
}


def notices(sources: Iterable[Source]) -> str:
    """Return the text: every source under its licence, with attribution, address and date."""
    ordered = sorted(sources, key=lambda source: (source.licence, source.id))
    parts = [_HEAD]
    for licence, group in groupby(ordered, key=lambda source: source.licence):
        rows = [f"* {source.title} ({source.url}, data of {source.date}): {source.attribution}" for source in group]
        parts.append(f"## {licence}\n\n" + "\n".join(rows) + "\n")
        if licence in _TERMS:
            parts.append(_TERMS[licence])
    return "\n".join(parts)
