import { SwarmError } from '@tradeswarm/core'

/** Throws `FETCH_FOREIGN`, by file and line, for what is no bar: it would stay in the table, and no tape with it could be loaded. */
export function assertBars(path: string, header: string, text: string | undefined): void {
  const refuse = (line: number, problem: string): never => {
    throw new SwarmError({
      code: 'FETCH_FOREIGN',
      message: `${path}, line ${line}: ${problem}; correct or remove it, or name another --out`,
      context: { file: path, line },
    })
  }
  const [first = '', ...rows] = (text ?? '').split('\n')
  if (first !== header && text !== undefined && text !== '') refuse(1, `the header is not ${header}`)
  for (const [index, row] of rows.entries())
    if (row !== '' && !isBar(row, header)) refuse(index + 2, `${JSON.stringify(row.slice(0, 60))} is no ${header}`)
}

/** What a part ends with: one that does not has lost something, and would be a hole for good. */
export function lastLineOf(rows: readonly string[]): string {
  return `end,${rows.length}`
}

/** The rows of a part; undefined where it is not there, or not whole. */
export function barsIn(text: string | undefined, header: string): readonly string[] | undefined {
  const lines = linesOf(text)
  const rows = lines.slice(0, -1)
  return lines.at(-1) === lastLineOf(rows) && rows.every((row) => isBar(row, header)) ? rows : undefined
}

function isBar(row: string, header: string): boolean {
  const [symbol = '', start = '', ...numbers] = row.split(',')
  const isWhole = numbers.length + 2 === header.split(',').length
  return isWhole && symbol !== '' && !Number.isNaN(Date.parse(start)) && numbers.every(isNumber)
}

function isNumber(text: string): boolean {
  return text.trim() !== '' && Number.isFinite(Number(text))
}

/** The lines of a text that have something in them. */
export function linesOf(text: string | undefined): readonly string[] {
  return (text ?? '').split('\n').filter((line) => line !== '')
}
