const columns = [
  { title: 'name', of: (row) => row.name, left: true },
  { title: 'value', of: (row) => shown(row.value) },
  { title: 'unit', of: (row) => row.unit, left: true },
  { title: 'peer', of: (row) => row.peer ?? '', left: true },
  { title: 'peer value', of: (row) => shown(row.peerValue) },
  { title: 'ratio', of: (row) => (row.ratio === null ? '' : row.ratio.toFixed(row.ratio < 0.1 ? 4 : 2)) },
  { title: 'at least', of: (row) => shown(row.atLeast) },
  { title: 'pass', of: (row) => (row.atLeast === null ? '' : row.pass ? 'yes' : 'NO'), left: true },
]

/** Prints rows as a table on stdout. */
export function printTable(rows) {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => columns.map(({ of }) => of(row)))]
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => line[index].length)))
  for (const line of cells) {
    const padded = line.map((text, index) =>
      columns[index].left ? text.padEnd(widths[index]) : text.padStart(widths[index]),
    )
    process.stdout.write(`${padded.join('  ').trimEnd()}\n`)
  }
}

function shown(value) {
  return value === null ? '' : value.toLocaleString('en-US', { maximumSignificantDigits: 4 })
}
