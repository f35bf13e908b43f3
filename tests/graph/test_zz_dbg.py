import collections
from tests.graph.test_statements import *
from tests.graph.test_statements import _CASES,_asked
async def test_x(api, factory):
    who = await plenty(factory, Role.USER)
    [case]=[c for c in _CASES if c.list.title=="Project.datasets"]
    print("DOC", case.document(2))
    a,_=await _asked(api,factory,who,"",case,2); b,d=await _asked(api,factory,who,"",case,10)
    for x in (a,b): print("YY", collections.Counter(s.split("FROM")[1].strip()[:40]+s[-60:].replace("\n"," ") for s in x))
    for n in (2,3,5,9):
        a,_=await _asked(api,factory,who,"",case,n); print("YY",n,len(a))
