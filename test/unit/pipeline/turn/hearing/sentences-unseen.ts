/** Written by others than the rules' author, who had not seen them; docs/pipeline.md says how many were judged rightly at first sight. */
export const zh = {
  complete: `
    你今天过得怎么样
    我昨天去了趟超市
    这首歌真好听
    她明天要来北京
    你会唱儿歌吗
    给我来一首轻音乐
    客厅太热了把温度降两度
    今天是星期几
    我不喜欢吃香菜
    帮我关一下卧室的窗帘
    讲一个恐龙的故事给我听
    苹果用英语怎么说
    三加五等于八
    我家的猫叫咪咪
    我们学校有三千个学生
    他已经走了
    我想听刘德华的歌
    把闹钟改到七点半
    你是谁呀
    你刚才说的我没听懂
    再说一遍
    外面在下雨
    我有点累
    周末去哪里玩比较好
    这道题我不会做
    我的生日是五月三号
    我在上海工作
    我妈妈是老师
    不要关灯
    声音小一点
    太吵了
    现在北京的气温是多少
    飞机什么时候起飞
    今天的新闻有哪些
    我想学画画
    你觉得人工智能会取代人类吗
    我要一杯冰美式
    我每天早上七点起床
    那就这样吧
    给爸爸打个电话
    我刚下班
    今天我有三节课
    那家餐厅的鱼很新鲜
    他不会游泳
    我把钥匙丢了
    你可以给我唱首歌吗
    我和他是同学
    这件衣服太贵了
    你帮我看看外面冷不冷
    我想睡觉了
    我要去洗澡了
    别忘了带伞
    把闹钟关了
    还有别的吗
    我同意
    我们家有两只狗
    奶奶今年八十岁
    你猜猜我在哪
    关于太阳系你知道些什么
    换成英文
    请用中文回答
    我下午要去医院看牙
    天黑了
    你喜欢吃什么
    那部电影我看过
    给我一点建议
    我觉得还不错
    明天叫我起床
    后天是我女儿的生日
    一年有多少天
    我想吃火锅
    孩子已经睡着了
    这里离火车站远吗
    我有一个问题
    她的声音很好听
    你能不能小声点
    我把作业写完了
    明天我们几点出发
    我爸在医院上班
    先这样吧
    帮我订一张去上海的票
    你刚才在干什么
    我想和你聊天
    你喜欢我吗
    把灯都关了吧
  `,
  incomplete: `
    我今天去超市买了
    我昨天晚上跟我
    请你帮我把卧室的
    我觉得这个问题主要是因为
    如果明天不下雨的话
    虽然我很想去
    你知道那个
    我想问一下明天去广州的
    提醒我下午三点去
    我小时候住在
    播放一首
    那个就是我们上次去的那个
    我要买两斤苹果还有
    他跟我说他想
    我的电话号码是一三八
    第一点是
    我先去洗手间然后
    这个东西是我从
    我正在
    我想知道为什么
    除了周杰伦
    只要你愿意
    给我讲一个关于
    从北京到
    把空调调到
    我打算下个月去
    比如说
    我妈妈让我
    当我还是个孩子的时候
    我不太明白你说的
    我想要那种特别大的
    今天的天气非常
    昨天我和我的朋友
    请把明天的会议改到
    我特别喜欢吃
    你能不能给我推荐一些
    我需要一个可以
    一方面我觉得很贵
    因为昨天下了很大的雨
    我家里有一只
    我刚才在路上看到一个
    我想把客厅的灯
    麻烦你帮我给老板
    你有没有听说过
    我们公司最近在
    他今天没来是因为
    我准备明年去
    你知道怎么才能
    我在网上买了一本
    如果你有时间
    我爸爸妈妈都
    给小明发个消息说
    那天晚上我正准备
    我最喜欢的颜色
    这本书讲的是
    导航去最近的
    我想换一个更
    我不知道应该
    明天上午十点有一个
    把这句话翻译成
    你觉得我应该穿红色的还是
    听说那边的风景
    本来我是想
    我跟你说
    他长得有点像
    要不我们
    你先帮我把
    我要给我女朋友买
    我觉得其实
    今天下午我要跟客户
    我有一个问题就是
    她上个星期从
    我想去那个
    你能不能把
    等我下班以后
    这个周末我和
    帮我订一张去
    有没有什么好看的
    我记得他好像
    其实我一直想
    我家楼下有一家
    请用英文说
    虽然这里很远
    他昨天给我
    你说的那个
  `,
};
export const en = {
  complete: `
    i went to the supermarket yesterday
    that's a really nice song
    what day is it today
    my cat is called whiskers
    i don't like mushrooms
    could you close the bedroom curtains
    tell me a story about dinosaurs
    how do you say apple in french
    three plus five is eight
    she's coming to london tomorrow
    we have two hundred students
    he already left
    i want to listen to the beatles
    change my alarm to seven thirty
    who are you
    i didn't understand what you said
    say that again
    it's raining outside
    i'm a little tired
    where should we go this weekend
    i can't solve this problem
    my birthday is on the third of may
    i work in berlin
    my mother is a teacher
    don't turn off the lights
    it's too loud
    what's the temperature in the kitchen
    when does the plane take off
    give me the latest news
    i'd like to learn how to paint
    i'll have a cappuccino please
    i get up at seven every morning
    let's leave it at that
    call my dad
    do you think robots will replace us
    is there a pharmacy nearby
    make it a bit warmer
    i have no idea
    thanks a lot
    that would be great
    i just got off work
    the fish at that place is fresh
    he can't swim
    i lost my keys
    could you sing me a song
    we were classmates
    this shirt is too expensive
    check whether it's cold outside
    i want to go to sleep now
    don't forget your umbrella
    is there anything else
    i agree
    we've got two dogs
    grandma is eighty
    guess where i am
    say it in english
    i have a dentist appointment this afternoon
    it's getting dark
    what do you like to eat
    i've seen that movie
    give me some advice
    wake me up tomorrow
    tomorrow is my daughter's birthday
    how many days are in a year
    tell me what time it is
    i love you
    never do that again
    the meeting starts at nine
    let me think about it
    who wrote hamlet
    i'd love some noodles
    the baby is asleep
    is the station far from here
    i have a question
    her voice is beautiful
    can you keep it down
    i finished my homework
    when are we leaving tomorrow
    my dad works at a hospital
    let's stop here
    book me a ticket to paris
    what were you doing just now
    i want to talk to you
    do you like me
    turn all the lights off
  `,
  incomplete: `
    i went to the supermarket and bought
    yesterday evening me and my
    could you please close the
    i think the main problem is that
    if it doesn't rain tomorrow
    although i'd really like to
    do you know the
    i'd like to ask about the
    remind me at three to
    when i was a child i lived in
    play something by
    the one that we went to last
    i need two pounds of apples and also
    he told me that he wants to
    my phone number is five five five
    the first thing is
    first i'm going to take a shower and then
    i bought this from
    i'm currently
    i'd like to know why
    apart from the beatles
    as long as you
    tell me a story about
    i'm flying from new york to
    set the thermostat to
    i'm planning to
    for instance
    my mother wants me to
    back when i was in
    i don't quite understand what you
    i want one of those really big
    the weather today is extremely
    move tomorrow's meeting to
    i particularly like
    could you recommend some
    i need something that can
    on the one hand it's expensive
    because it rained so much yesterday
    at home we have a
    can you tell my wife that
    i just saw a
    i want to turn the living room
    please send my boss
    have you ever heard of
    our company is currently
    he didn't come today because
    next year i'm going to
    do you know how i can
    i ordered a book from
    if you have time
    both of my parents
    send a message to tom saying
    that night i was about to
    my favorite
    this book is about
    navigate to the nearest
    i'd like to switch to a more
    i don't know whether i should
    there's a meeting at ten with
    translate this sentence into
    should i wear the red one or
    i've heard that the
    originally i wanted
    let me tell you
    he looks a bit like
    maybe we could
    first help me
    i want to buy my girlfriend
    actually i think
    this afternoon i have to
    i have a question about
    last week she flew from
    i want to go to that
    can you move the
    as soon as i get off work
    this weekend my brother and
    book me a ticket
    are there any good
    i remember he seems
    actually i've always wanted
    downstairs there's a
    the english word for
    even though it's far
    yesterday he gave me
    the thing you
  `,
};
