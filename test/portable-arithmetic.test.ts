import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'

const packages = join(import.meta.dirname, '..', 'packages')

/** What engines, and versions of one engine, round differently in the last bit; `sqrt` and the four operations are exact by the standard. */
const unportable =
  /^(pow|exp|expm1|log|log1p|log2|log10|sin|cos|tan|asin|acos|atan|atan2|sinh|cosh|tanh|asinh|acosh|atanh|cbrt|hypot)$/
const powers: readonly ts.SyntaxKind[] = [
  ts.SyntaxKind.AsteriskAsteriskToken,
  ts.SyntaxKind.AsteriskAsteriskEqualsToken,
]

/** Where no decision is made: figures for reports, which are rounded, and waiting in real time. */
const exempt = [/^trading\/src\/statistics\//, /^core\/src\/time\/system-clock\.ts$/]

function isMath(node: ts.Node | undefined): boolean {
  return node !== undefined && ts.isIdentifier(node) && node.text === 'Math'
}

/** Whether the node raises to a power, or takes one of those functions from `Math`, to call it or under another name. */
function isUnportable(node: ts.Node): boolean {
  if (ts.isBinaryExpression(node)) return powers.includes(node.operatorToken.kind)
  if (ts.isPropertyAccessExpression(node)) return isMath(node.expression) && unportable.test(node.name.text)
  if (ts.isElementAccessExpression(node)) return isMath(node.expression)
  return ts.isVariableDeclaration(node) && isMath(node.initializer)
}

/** The lines of a source, from 1, on which something unportable begins. What stands in texts and comments is none. */
function unportableLines(source: string): readonly number[] {
  const file = ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest)
  const lines: number[] = []
  const visit = (node: ts.Node): void => {
    if (isUnportable(node)) lines.push(file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1)
    ts.forEachChild(node, visit)
  }
  visit(file)
  return lines
}

function sources(folder: string): readonly string[] {
  return readdirSync(join(packages, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => `${folder}/${file.replaceAll('\\', '/')}`)
    .filter(
      (file) =>
        file.endsWith('.ts') && !/\.test(-support)?\.ts$/.test(file) && !exempt.some((place) => place.test(file)),
    )
}

test('nothing on the way to a decision uses arithmetic that engines round differently', () => {
  const files = ['core', 'trading', 'signals', 'agents', 'broker-paper', 'backtest'].flatMap((name) =>
    sources(`${name}/src`),
  )
  expect(files.length).toBeGreaterThan(150)
  const found = files.flatMap((file) =>
    unportableLines(readFileSync(join(packages, file), 'utf8')).map((line) => `${file}:${line}`),
  )
  expect(found).toEqual([])
})

test.each([
  'const y = 0.5 ** (age / halfLife)',
  'const y = a**b',
  'x **= 2',
  'const y = Math.exp(-x)',
  'const y = Math.pow(a, b)',
  'const y = values.map(Math.log)',
  "const y = Math['log'](x)",
  'const { exp } = Math',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the text is a source
  'const text = `${2 ** n} of them`',
])('the rule sees %s', (source) => expect(unportableLines(`\n${source}`)).toEqual([2]))

test.each([
  'const y = Math.sqrt(x)',
  'const y = a * b',
  'const y = Math.min(1, x)',
  "const isAny = word === '*' || word === '**' || word === '***'",
  'const text = `2 ** 3 and Math.exp(1)`',
  'const form = /a ** b/',
  '// 2 ** 3, as Math.pow(2, 3)',
  '/** 2 ** 3 */ const y = 1',
])('the rule lets %s be', (source) => expect(unportableLines(source)).toEqual([]))
