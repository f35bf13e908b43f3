"""Files as well-known places export them, in short: what they are must be told without help."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import pytest

from tests.workers.data.inspection.looking import at, look

BAR = ["open", "high", "low", "close"]


@dataclass(frozen=True)
class Export:
    id: str
    content: str
    columns: list[str]
    first: datetime
    symbols: list[str]
    rows: int = 2
    first_row: tuple[object, ...] = ()
    zone: str = "UTC"
    name: str = "export.csv"
    also: set[str] = field(default_factory=set)


EXPORTS = [
    Export(
        "yahoo",
        "Date,Open,High,Low,Close,Adj Close,Volume\n2024-01-02,187.15,188.44,183.89,185.64,184.94,82488700\n"
        "2024-01-03,184.22,185.88,183.43,184.25,183.55,58414500\n",
        [*BAR, "volume", "adjusted_close"],
        at("2024-01-02"),
        ["export"],
        first_row=(187.15, 188.44, 183.89, 185.64, 82488700.0, 184.94),
    ),
    Export(
        "klines without a header",
        "1704067200000,42283.58,42554.57,42261.02,42475.23,1271.68,1704070799999,53957248.97,47134,682.57,28957416.8,0\n"
        "1704070800000,42475.23,42775.00,42431.65,42613.56,1196.37,1704074399999,50984174.14,45875,576.83,24582160.4,0\n",
        [*BAR, "volume", "column_7"],
        at("2024-01-01"),
        ["export"],
        first_row=(42283.58, 42554.57, 42261.02, 42475.23, 1271.68),
    ),
    Export(
        "metatrader",
        "<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>\n"
        "2024.01.02\t00:05:00\t1.10427\t1.10429\t1.10394\t1.10404\t57\t0\t12\n"
        "2024.01.02\t00:10:00\t1.10404\t1.10411\t1.10401\t1.10410\t44\t0\t11\n",
        [*BAR, "volume", "tickvol", "spread"],
        at("2024-01-02T00:05"),
        ["export"],
        first_row=(1.10427, 1.10429, 1.10394, 1.10404),
    ),
    Export(
        "investing",
        '\ufeff"Date","Price","Open","High","Low","Vol.","Change %"\n'
        '"01/31/2024","1,184.40","1,188.04","1,190.10","1,182.20","55.47M","-1.94%"\n'
        '"01/30/2024","1,188.04","1,190.94","1,191.80","1,187.47","1.2B","-1.92%"\n',
        [*BAR, "volume", "change"],
        at("2024-01-30"),
        ["export"],
        first_row=(1190.94, 1191.8, 1187.47, 1188.04, 1.2e9, -1.92),
    ),
    Export(
        "alpha vantage",
        "timestamp,1. open,2. high,3. low,4. close,5. adjusted close,6. volume\n"
        "2024-01-03,184.2,185.9,183.4,184.3,183.6,100\n2024-01-02,187.2,188.4,183.9,185.6,184.9,200\n",
        [*BAR, "volume", "adjusted_close"],
        at("2024-01-02"),
        ["export"],
    ),
    Export(
        "all stocks in one file",
        "date,open,high,low,close,volume,Name\n2013-02-08,15.07,15.12,14.63,14.75,8407500,AAL\n"
        "2013-02-08,67.71,68.40,66.89,67.85,158168416,AAPL\n",
        [*BAR, "volume"],
        at("2013-02-08"),
        ["AAL", "AAPL"],
    ),
    Export(
        "portfolio data with an index",
        ",date,open,high,low,close,adjcp,volume,tic,day\n0,2009-01-02,3.07,3.25,3.04,3.24,2.77,746015200,AAPL,4\n"
        "1,2009-01-02,18.57,19.52,18.40,19.33,15.8,10955700,AXP,4\n",
        [*BAR, "volume", "adjusted_close", "column_1", "day"],
        at("2009-01-02"),
        ["AAPL", "AXP"],
    ),
    Export(
        "chinese shares",
        "日期,股票代码,开盘,收盘,最高,最低,成交量,成交额,振幅,换手率\n2024-01-02,000001,7.83,7.65,7.86,7.65,1158366,1075742252.45,2.68,0.6\n"
        "2024-01-03,000001,7.63,7.64,7.66,7.59,733610,673673613.49,0.92,0.38\n",
        [*BAR, "volume", "成交额", "振幅", "换手率"],
        at("2024-01-02"),
        ["000001"],
        first_row=(7.83, 7.86, 7.65, 7.65, 1158366.0),
    ),
    Export(
        "crypto download with a line before",
        "https://www.example.com\nunix,date,symbol,open,high,low,close,Volume BTC,Volume USD\n"
        "1704153600,2024-01-02 00:00:00,BTC/USD,44200,45900,44160,44970,1000,44970000\n"
        "1704067200,2024-01-01 00:00:00,BTC/USD,42270,44200,42180,44200,800,35360000\n",
        [*BAR, "volume", "unix", "volume_usd"],
        at("2024-01-01"),
        ["BTC/USD"],
    ),
    Export(
        "nasdaq",
        "Date,Close/Last,Volume,Open,High,Low\n01/31/2024,$184.40,55467800,$187.04,$187.095,$184.35\n"
        "01/30/2024,$188.04,55859370,$190.94,$191.80,$187.47\n",
        [*BAR, "volume"],
        at("2024-01-30"),
        ["export"],
        first_row=(190.94, 191.8, 187.47, 188.04, 55859370.0),
    ),
    Export(
        "order book of two levels",
        "timestamp,symbol,asks[0].price,asks[0].amount,bids[0].price,bids[0].amount,asks[1].price,asks[1].amount,"
        "bids[1].price,bids[1].amount\n1704067200000000,BTC,101,1,100,2,102,3,99,4\n1704067200100000,BTC,101,1,100,2,102,3,99,4\n",
        [
            "bid_price_1", "bid_price_2", "bid_size_1", "bid_size_2",
            "ask_price_1", "ask_price_2", "ask_size_1", "ask_size_2",
        ],
        at("2024-01-01"),
        ["BTC"],
        first_row=(100.0, 99.0, 2.0, 4.0, 101.0, 102.0, 1.0, 3.0),
    ),
    Export(
        "new york with offsets",
        "Datetime,Open,High,Low,Close,Volume\n2024-03-08 15:59:00-05:00,1,2,1,2,5\n2024-03-11 09:30:00-04:00,1,2,1,2,5\n",
        [*BAR, "volume"],
        at("2024-03-08T20:59"),
        ["export"],
        zone="mixed",
    ),
    Export(
        "german broker",
        "Datum;Erster;Hoch;Tief;Schlusskurs;Stuecke\n31.01.2024;184,40;185,00;183,10;184,90;1.234.567\n"
        "30.01.2024;188,04;190,00;187,47;188,40;5.859.370\n",
        [*BAR, "volume"],
        at("2024-01-30"),
        ["export"],
        first_row=(188.04, 190.0, 187.47, 188.4, 5859370.0),
    ),
    Export(
        "stooq in bulk",
        "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\n"
        "AAPL.US,5,20240102,153000,187.15,188.44,183.89,185.64,82488,0\n"
        "AAPL.US,5,20240102,153500,184.22,185.88,183.43,184.25,58414,0\n",
        [*BAR, "volume", "per", "openint"],
        at("2024-01-02T15:30"),
        ["AAPL.US"],
        first_row=(187.15, 188.44, 183.89, 185.64, 82488.0),
    ),
    Export(
        "stooq in polish",
        "Data,Otwarcie,Najwyzszy,Najnizszy,Zamkniecie,Wolumen\n2024-01-02,10,12,9,11,500\n2024-01-03,11,13,10,12,600\n",
        [*BAR, "volume"],
        at("2024-01-02"),
        ["export"],
        first_row=(10.0, 12.0, 9.0, 11.0, 500.0),
    ),
    Export(
        "kraken without a header",
        "1704067200,42283.5,42554.5,42261.0,42475.2,12.5,470\n1704070800,42475.2,42775.0,42431.5,42613.5,11.9,458\n",
        [*BAR, "volume", "column_7"],
        at("2024-01-01"),
        ["export"],
        first_row=(42283.5, 42554.5, 42261.0, 42475.2, 12.5),
    ),
    Export(
        "crypto with its market cap",
        "timeOpen;name;open;high;low;close;volume;marketCap;timestamp\n"
        "2024-01-01T00:00:00.000Z;2781;42280.2;44175.4;42214.9;44167.3;18426978443;865095165834.2;2024-01-01T23:59:59.999Z\n"
        "2024-01-02T00:00:00.000Z;2781;44187.1;45899.7;44176.9;44957.9;39335274536;880655345870.3;2024-01-02T23:59:59.999Z\n",
        [*BAR, "volume", "time_open", "market_cap"],
        at("2024-01-01T23:59:59.999"),
        ["2781"],
        first_row=(42280.2, 44175.4, 42214.9, 44167.3, 18426978443.0, at("2024-01-01"), 865095165834.2),
    ),
    Export(
        "interactive brokers",
        "date,open,high,low,close,volume\n20240102  09:30:00,10,12,9,11,500\n20240102  09:31:00,11,13,10,12,600\n",
        [*BAR, "volume"],
        at("2024-01-02T09:30"),
        ["export"],
    ),
    Export(
        "bloomberg",
        "Date,PX_LAST,PX_OPEN,PX_HIGH,PX_LOW,PX_VOLUME\n1/31/2024,11,10,12,9,500\n1/30/2024,#N/A N/A,11,13,10,600\n",
        [*BAR, "volume"],
        at("2024-01-30"),
        ["export"],
        first_row=(11.0, 13.0, 10.0, None, 600.0),
    ),
    Export(
        "indian shares",
        'Date ,series ,OPEN ,HIGH ,LOW ,close ,VOLUME \n02-Jan-2024,EQ,"2,580.00","2,612.50","2,571.10","2,611.70","67,31,093"\n'
        '03-Jan-2024,EQ,"2,600.00","2,619.95","2,575.00","2,583.30","1,06,77,410"\n',
        [*BAR, "volume", "series"],
        at("2024-01-02"),
        ["export"],
        first_row=(2580.0, 2612.5, 2571.1, 2611.7, 6731093.0),
    ),
    Export(
        "chinese days and units",
        "代码,交易日期,开盘价,最高价,最低价,收盘价,成交量\uff08股\uff09,成交额\n600000,2024年01月02日,6.6,6.7,6.5,6.6,2354.5万,1.55亿\n"
        "600000,2024年01月03日,6.6,6.8,6.6,6.7,3000万,2亿\n",
        [*BAR, "volume", "成交额"],
        at("2024-01-02"),
        ["600000"],
        first_row=(6.6, 6.7, 6.5, 6.6, 23545000.0, 155000000.0),
    ),
    Export(
        "japanese shares",
        "日付,始値,高値,安値,終値,出来高,調整後終値\n2024/01/04,10,12,9,11,500,11\n2024/01/05,11,13,10,12,600,12\n",
        [*BAR, "volume", "adjusted_close"],
        at("2024-01-04"),
        ["export"],
    ),
    Export(
        "korean shares",
        "일자,종가,대비,시가,고가,저가,거래량\n2024/01/02,11,1,10,12,9,500\n2024/01/03,12,1,11,13,10,600\n",
        [*BAR, "volume", "대비"],
        at("2024-01-02"),
        ["export"],
        first_row=(10.0, 12.0, 9.0, 11.0, 500.0),
    ),
    Export(
        "russian shares",
        "Дата;Открытие;Максимум;Минимум;Закрытие;Объём\n31.01.2024;10,5;12,5;9,5;11,5;500\n30.01.2024;10,5;12,5;9,5;11,5;600\n",
        [*BAR, "volume"],
        at("2024-01-30"),
        ["export"],
        first_row=(10.5, 12.5, 9.5, 11.5, 600.0),
    ),
    Export(
        "brazilian shares",
        '"Data","Último","Abertura","Máxima","Mínima","Vol."\n"31.01.2024","40,50","40,10","40,90","39,95","35,1M"\n'
        '"30.01.2024","40,10","39,80","40,20","39,70","30M"\n',
        [*BAR, "volume"],
        at("2024-01-30"),
        ["export"],
        first_row=(39.8, 40.2, 39.7, 40.1, 3e7),
    ),
    Export(
        "french shares",
        "Date;Ouverture;Plus haut;Plus bas;Clôture;Volume\n31/01/2024;7 660,10;7 690,20;7 640,30;7 656,75;3 000\n"
        "30/01/2024;7 650,10;7 680,20;7 630,30;7 677,47;2 000\n",
        [*BAR, "volume"],
        at("2024-01-30"),
        ["export"],
        first_row=(7650.1, 7680.2, 7630.3, 7677.47, 2000.0),
    ),
    Export(
        "pieces before turnover",
        "Datum;Kurs;Stück;Volumen\n31.01.2024;184,40;500;92.200\n30.01.2024;188,04;600;112.824\n",
        ["close", "volume", "volumen"],
        at("2024-01-30"),
        ["export"],
        first_row=(188.04, 600.0, 112824.0),
    ),
    Export(
        "yfinance of one",
        "Price,Close,High,Low,Open,Volume\nTicker,AAPL,AAPL,AAPL,AAPL,AAPL\nDate,,,,,\n"
        "2024-01-02,11,12,9,10,500\n2024-01-03,12,13,10,11,600\n",
        [*BAR, "volume"],
        at("2024-01-02"),
        ["AAPL"],
        first_row=(10.0, 12.0, 9.0, 11.0, 500.0),
    ),
    Export(
        "yfinance of several, one of which has no price on a day",
        "Price,Close,Close,High,High,Low,Low,Open,Open,Volume,Volume\nTicker,C,LOW,C,LOW,C,LOW,C,LOW,C,LOW\n"
        "Datetime,,,,,,,,,,\n2024-01-02 09:30:00+00:00,11,21,12,22,9,19,10,20,500,700\n"
        "2024-01-02 09:31:00+00:00,,22,,23,,20,,21,,800\n",
        [*BAR, "volume"],
        at("2024-01-02T09:30"),
        ["C", "LOW"],
        rows=3,
        first_row=(10.0, 12.0, 9.0, 11.0, 500.0),
    ),
    Export(
        "yfinance of before",
        ",Adj Close,Adj Close,Close,Close,Open,Open\n,AAPL,MSFT,AAPL,MSFT,AAPL,MSFT\nDate,,,,,,\n"
        "2024-01-02,9,19,11,21,10,20\n2024-01-03,9,19,12,22,11,21\n",
        ["open", "close", "adjusted_close"],
        at("2024-01-02"),
        ["AAPL", "MSFT"],
        rows=4,
        first_row=(10.0, 11.0, 9.0),
    ),
    Export(
        "yfinance by ticker",
        "Ticker,600519.SS,600519.SS,000001,000001\nPrice,Open,Close,Open,Close\nDate,,,,\n"
        "2024-01-02,10,11,20,21\n2024-01-03,11,12,21,22\n",
        ["open", "close"],
        at("2024-01-02"),
        ["000001", "600519.SS"],
        rows=4,
        first_row=(20.0, 21.0),
    ),
    Export(
        "pandas-datareader",
        "Attributes,Adj Close,Adj Close,Close,Close\nSymbols,AAPL,MSFT,AAPL,MSFT\nDate,,,,\n"
        "2024-01-02,9,19,11,21\n2024-01-03,9,19,12,22\n",
        ["close", "adjusted_close"],
        at("2024-01-02"),
        ["AAPL", "MSFT"],
        rows=4,
        first_row=(11.0, 9.0),
    ),
    Export(
        "yfinance with its days as a column",
        "Price,Date,Close,Close,Open,Open\nTicker,,AAPL,MSFT,AAPL,MSFT\n"
        "0,2024-01-02,11,21,10,20\n1,2024-01-03,12,22,11,21\n",
        ["open", "close", "column_1"],
        at("2024-01-02"),
        ["AAPL", "MSFT"],
        rows=4,
        first_row=(10.0, 11.0, 0),
    ),
    Export(
        "a sheet with symbols above its fields",
        ";AAPL;AAPL;MSFT;MSFT\nDate;Open;Close;Open;Close\n2024-01-02;10,5;11;20;21\n2024-01-03;11;12;21;22\n",
        ["open", "close"],
        at("2024-01-02"),
        ["AAPL", "MSFT"],
        rows=4,
        first_row=(10.5, 11.0),
    ),
    Export(
        "quarters",
        "Quarter,Close\n2023Q4,10\n2024Q1,11\n",
        ["close"],
        at("2023-10-01"),
        ["export"],
    ),
    Export(
        "months",
        "Month,Close\n2024-01,10\n2024-02,11\n",
        ["close"],
        at("2024-01-01"),
        ["export"],
    ),
]  # fmt: skip


@pytest.mark.parametrize("export", EXPORTS, ids=[each.id for each in EXPORTS])
def test_it_is_told_without_help(export: Export) -> None:
    seen = look(export.content, export.name)
    assert seen.frame.columns[2 : 2 + len(export.columns)] == export.columns
    assert (seen.report.first, seen.report.zone, seen.frame.height) == (export.first, export.zone, export.rows)
    assert [each.symbol for each in seen.report.symbols] == export.symbols
    assert seen.rows[0][2 : 2 + len(export.first_row)] == export.first_row
