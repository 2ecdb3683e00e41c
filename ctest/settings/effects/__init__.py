"""The effect of each setting, by group of the table."""

from __future__ import annotations

from effect import Effect

from effects import components, core, cupti, dart, format, miscellaneous, mpip, output, parallel

EFFECTS: dict[str, list[Effect]] = {
    module.__name__.split(".")[-1]: module.EFFECTS
    for module in (core, components, output, format, parallel, miscellaneous, mpip, dart, cupti)
}
