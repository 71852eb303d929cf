import { AmountMinor, Currency, LINES, Page, PageQuery, TEXT, Uuid } from '@meshmart/service/schemas';
import { Type } from 'typebox';

/** A name is short enough for the cursor that carries it. */
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
  stock: Type.Integer({ minimum: 0, description: 'What can still be reserved.' }),
  version: Type.Integer({
    minimum: 1,
    maximum: 2_147_483_647,
    description:
      'Counts the edits of administrators, not the sales. In quotes it is what `If-Match` takes: a strong validator of what they edit.',
  }),
  recommendations: Type.Optional(
    Type.Array(Type.Object(summary), { description: 'Of the same category; from version v2 on.' }),
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
          'Words that are all in the name or the description; of one or two letters at the beginning of a word.',
      }),
    ),
    ids: Type.Optional(
      Type.String({
        pattern: `^${UUID}(,${UUID}){0,49}$`,
        maxLength: 50 * 37,
        description: 'Ids of up to 50 products, separated by commas. Those that do not exist are left out.',
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
      maxLength: 1000, // a version is shorter, but what is no version gets the same response as a wrong one
      examples: ['"3"'],
      description:
        'The `version` of the product as it was read, in quotes; a list of them; or `*` for any version: a repeated edit is then made again. The ETag of a GET is no version: it is weak and changes with each sale. Without the header the response is 428.',
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
      description: 'The natural key: no product has the slug of another, so that a request may be repeated.',
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
        description: 'Added to the stock, since orders change it at the same time.',
      }),
    ),
  },
  { additionalProperties: false, examples: [{ priceMinor: 990, stockDelta: 20 }], minProperties: 1 },
);
