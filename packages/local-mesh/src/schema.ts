import Type, { type TProperties } from 'typebox';

/** An object that has no other fields: what is not read must not be ignored in silence. */
export function closed<Properties extends TProperties>(
  properties: Properties,
  options: { minProperties?: number; maxProperties?: number } = {},
) {
  return Type.Object(properties, { additionalProperties: false, ...options });
}

/** A map of strings whose keys all have the pattern. */
export function recordOf(keyPattern: string) {
  return Type.Record(Type.String({ pattern: keyPattern }), Type.String(), { additionalProperties: false });
}
