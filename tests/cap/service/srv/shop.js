const cds = require('@sap/cds')

module.exports = class Shop extends cds.ApplicationService {
  init() {
    const { Books, Orders } = this.entities

    this.on('restock', Books, async req => {
      const { copies } = req.data
      const key = req.params.at(-1)
      if (copies < 1) return req.reject(400, 'Restock at least one copy', 'copies')
      await UPDATE(Books, key).with({ sold: { '-=': copies } })
      return SELECT.one.from(Books, key)
    })
    this.on('withdraw', Books, req => UPDATE(Books, req.params.at(-1)).with({ inPrint: false }))
    this.on('priceTimes', Books, async req => {
      const { price } = await SELECT.one.from(Books, req.params.at(-1)).columns('price')
      return price === null ? null : Number(price) * Number(req.data.factor)
    })
    this.on('inSameGenre', Books, async req => {
      const book = await SELECT.one.from(Books, req.params.at(-1)).columns('ID', 'genre_ID')
      return SELECT.from(Books).where({ genre_ID: book.genre_ID, ID: { '!=': book.ID } }).orderBy('ID')
    })
    this.on('cancel', Orders, async req => {
      const order = await SELECT.one.from(Orders, req.params.at(-1)).columns(o => { o.ID, o.number, o.items('*') })
      if (!order) return req.reject(404)
      await UPDATE(Orders, { ID: order.ID }).with({ note: `cancelled: ${req.data.reason}` })
      return { state: 'cancelled', lines: order.items.length }
    })
    this.on('applyDiscount', async req => {
      const { genre, percent } = req.data
      if (percent > 90) req.error(400, 'No more than 90 percent', 'percent')
      if (genre < 0) req.error(400, 'Genres are numbered from 0', 'genre')
      if (req.errors) return
      const books = await SELECT.from(Books).where({ genre_ID: genre }).columns('ID', 'price')
      for (const { ID, price } of books) await UPDATE(Books, ID).with({ price: price * (100 - percent) / 100 })
      return books.length
    })
    this.on('cheapest', req => SELECT.from(Books).where({ price: { '!=': null } }).orderBy('price', 'ID').limit(req.data.count))
    this.on('longest', () => SELECT.one.from(Books).orderBy('pages desc', 'ID'))
    this.on('booksOf', async req => {
      const found = await SELECT.from(Books).where({ author_ID: req.data.author, published: { '<': req.data.before } }).columns('ID')
      return found.length
    })
    this.before('CREATE', Orders, req => {
      for (const [i, item] of (req.data.items ?? []).entries())
        if (item.quantity > 100) req.error(400, 'At most 100 copies of a book', `items[${i}]/quantity`)
    })
    // The driver used here does not say what broke, so CAP answers 500 where it has 400 with others.
    this.on('error', error => {
      if (/UNIQUE constraint/.test(error.message)) Object.assign(error, { message: 'Entity already exists', code: 400, status: 400 })
    })
    return super.init()
  }
}
