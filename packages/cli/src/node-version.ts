const needed = [22, 13] as const

/** What to tell somebody whose Node is too old for this program, or undefined. The version is such as `20.11.1`. */
export function tooOldNode(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > needed[0] || (major === needed[0] && minor >= needed[1])) return undefined
  return `tradeswarm: Node ${version} is too old, it needs ${needed.join('.')} or newer; in a project, npx tradeswarm takes the project's own Node`
}
