/** Rows as aligned columns with a heading; the widest cell decides. */
export function renderRows(rows: readonly Readonly<Record<string, string>>[]): readonly string[] {
  const columns = Object.keys(rows[0] ?? {})
  const widths = columns.map((column) =>
    rows.reduce((width, row) => Math.max(width, row[column]?.length ?? 0), column.length),
  )
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd()
  return columns.length === 0
    ? []
    : [line(columns), ...rows.map((row) => line(columns.map((column) => row[column] ?? '')))]
}
