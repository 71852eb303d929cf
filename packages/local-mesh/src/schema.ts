import Type, { type TProperties, type TSchema } from 'typebox';

/** An object that has no other fields: what is not read must not be ignored in silence. */
export function closed<Properties extends TProperties>(
  properties: Properties,
  options: { minProperties?: number; maxProperties?: number } = {},
) {
  return Type.Object(properties, { additionalProperties: false, ...options });
}

/** A map whose keys all have the pattern. */
export function recordOf<Value extends TSchema>(keyPattern: string, values: Value) {
  return Type.Record(Type.String({ pattern: keyPattern }), values, { additionalProperties: false });
}
