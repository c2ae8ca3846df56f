/** Fields that are told with nothing in them, by their names. */
export function blankFields(names: string, value = ''): Record<string, string> {
  return Object.fromEntries(names.split(' ').map((name) => [name, value]))
}
