import { AmountMinor, Currency, LINES, Page, PageQuery, TEXT, Uuid } from '@meshmart/service/schemas';
import { Type } from 'typebox';

/** A product name, short enough for a cursor. */
export const Name = Type.String({ minLength: 1, maxLength: 80, pattern: TEXT });
const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const Category = Type.String({ minLength: 1, maxLength: 100, pattern: TEXT });

const summary = {
  id: Uuid,
  slug: Type.String(),
  name: Type.String(),
  priceMinor: AmountMinor,
  currency: Currency,
};

export const ProductSchema = Type.Object({
  ...summary,
  description: Type.String(),
  category: Type.String(),
  stock: Type.Integer({ minimum: 0, description: 'Units that can be reserved.' }),
  version: Type.Integer({
    minimum: 1,
    maximum: 2_147_483_647,
    description:
      'Counts the edits of administrators, but not sales. In quotes, it is the value for `If-Match`.',
  }),
  recommendations: Type.Optional(
    Type.Array(Type.Object(summary), { description: 'Products of the same category; from version v2 on.' }),
  ),
});

export const ProductPage = Page(ProductSchema);

export const ProductQuery = Type.Object(
  {
    ...PageQuery,
    q: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        pattern: TEXT,
        description:
          'Words that the name or description must contain. A word of one or two letters matches at the beginning of a word.',
      }),
    ),
    ids: Type.Optional(
      Type.String({
        pattern: `^${UUID}(,${UUID}){0,49}$`,
        maxLength: 50 * 37,
        description: 'Ids of up to 50 products, separated by commas. Unknown ids are ignored.',
      }),
    ),
    category: Type.Optional(Category),
  },
  { additionalProperties: false },
);

export const ProductParams = Type.Object({ productId: Uuid });

export const CategoryList = Type.Object({
  items: Type.Array(Type.Object({ category: Type.String(), count: Type.Integer() })),
});

export const EditHeaders = Type.Object({
  'if-match': Type.Optional(
    Type.String({
      maxLength: 1000, // long enough that malformed tags get 412, not 400
      examples: ['"3"'],
      description:
        'The `version` of the product as it was read, in quotes; a list of versions; or `*` for any version, with which a repeated edit is applied twice. The ETag of a GET is not a version: it is weak and changes with each sale. Without the header the response is 428.',
    }),
  ),
});

const editable = {
  name: Name,
  description: Type.String({ maxLength: 2000, pattern: LINES }),
  category: Category,
  priceMinor: Type.Integer({ ...AmountMinor, minimum: 1 }),
};

export const NewProduct = Type.Object(
  {
    slug: Type.String({
      maxLength: 80,
      pattern: '^[a-z0-9]+(-[a-z0-9]+)*$',
      description: 'The natural key: slugs are unique, so that a request can be retried.',
    }),
    ...editable,
    stock: Type.Integer({ minimum: 0, maximum: 1_000_000 }),
  },
  {
    additionalProperties: false,
    examples: [
      {
        slug: 'oak-desk-lamp',
        name: 'Oak desk lamp',
        description: 'For a desk in a corner.',
        category: 'lighting',
        priceMinor: 4290,
        stock: 20,
      },
    ],
  },
);

export const ProductEdit = Type.Object(
  {
    ...Type.Partial(Type.Object(editable)).properties,
    stockDelta: Type.Optional(
      Type.Integer({
        minimum: -1_000_000,
        maximum: 1_000_000,
        description: 'Added to the stock, because orders change it at the same time.',
      }),
    ),
  },
  { additionalProperties: false, examples: [{ priceMinor: 990, stockDelta: 20 }], minProperties: 1 },
);
