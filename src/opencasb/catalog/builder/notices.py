"""The notices that the licences of the sources ask for, as a file beside the data."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Final

from opencasb.catalog.builder.source_table import Source
from opencasb.model.layer import Layer

_HEAD: Final = """\
# Notices for the catalog data: {title}

The data files in this folder were compiled from the open data below. Only facts were taken: names, domains,
categories, vendors, address ranges, risk facts. They were reduced, normalised, merged and corrected. The compilation
is offered under {licence} ({address}).
`public_suffixes.txt` in the folder above is a file of its own under MPL-2.0. Brand names are trademarks of their
owners.
"""

_OFFERS: Final[dict[Layer, tuple[str, str, str]]] = {
    "core": ("core layer", "CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/"),
    "sharealike": ("share-alike layer", "CC BY-SA 4.0", "https://creativecommons.org/licenses/by-sa/4.0/"),
}
"""What a layer is called, the licence of the compilation and its address."""

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

_BSD: Final = """\
Redistribution and use in source and binary forms, with or without modification, are permitted provided that the
following conditions are met: (1) redistributions of source code must retain the above copyright notice, this list of
conditions and the following disclaimer; (2) redistributions in binary form must reproduce the above copyright notice,
this list of conditions and the following disclaimer in the documentation and/or other materials provided with the
distribution; (3) neither the name of the copyright holder nor the names of its contributors may be used to endorse or
promote products derived from this software without specific prior written permission.

THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND ANY EXPRESS OR IMPLIED WARRANTIES,
INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE
DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL,
SPECIAL, EXEMPLARY, OR CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR
SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY,
WHETHER IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE OF
THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.
"""

_TERMS: Final = {
    "MIT": _MIT,
    "Apache-2.0": "Licence text: https://www.apache.org/licenses/LICENSE-2.0. The data were changed as said above.\n",
    "CC BY 3.0": "Licence text: https://creativecommons.org/licenses/by/3.0/. The data were changed as said above.\n",
    "CC BY 4.0": "Licence text: https://creativecommons.org/licenses/by/4.0/. The data were changed as said above.\n",
    "CC BY-SA 3.0": "Licence text: https://creativecommons.org/licenses/by-sa/3.0/. Adaptations may use a later one.\n",
    "CC BY-SA 4.0": "Licence text: https://creativecommons.org/licenses/by-sa/4.0/. The data were changed as above.\n",
    "BSD-3-Clause": _BSD,
    "EUPL-1.2": "Licence text: https://eupl.eu/1.2/en/. Its appendix names CC BY-SA as compatible for such works.\n",
    "MPL-2.0": "Licence text: https://mozilla.org/MPL/2.0/. Comments were removed, the rules are unchanged.\n",
}


def notices(layer: Layer, sources: Iterable[Source]) -> str:
    """Return the text of a layer: every source under its licence, with attribution, address and date."""
    ordered = sorted(sources, key=lambda source: (source.licence, source.id))
    title, licence, address = _OFFERS[layer]
    parts = [_HEAD.format(title=title, licence=licence, address=address)]
    for licence, group in groupby(ordered, key=lambda source: source.licence):
        rows = [f"* {source.title} ({source.url}, data of {source.date}): {source.attribution}" for source in group]
        parts.append(f"## {licence}\n\n" + "\n".join(rows) + "\n")
        if licence in _TERMS:
            parts.append(_TERMS[licence])
    return "\n".join(parts)
